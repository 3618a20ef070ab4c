#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/api/settings.h"
#include "shared/store/ticket_ledger.h"
#include "shared/trust/ticket.h"
#include "shared/units/unit_tree.h"

/// Making nodes, tickets and certificates (`docs/FORMATS.md`, Enrolment).
namespace lalanh {

class Node;

// --- the top ---------------------------------------------------------------------------------

/// Makes a province: root key, device key, certificate, settings, and the database with the tree
/// of `facts` in the reference channel of the province. system.exists where the folder has a key.
Status init_province(Files& files, Random& random, Clock& clock, const std::string& folder,
                     const std::string& actor, const std::vector<UnitFact>& facts);

// --- the parent ------------------------------------------------------------------------------

/// What a ticket is wanted for.
struct TicketOrder {
  UnitNo unit;
  std::optional<DeviceRole> role;  ///< none: village, of a village; else it must be said
  std::string name;                ///< of the machine; may be empty
};

struct MadeTicket {
  KeptTicket kept;
  Bytes file;  ///< secret
};

/// How long a ticket can be used, unless another time is asked for.
inline constexpr int kTicketDays = 30;

/// Makes tickets for units at or below the node's own, all of them or none, durable on return.
/// `addresses`: where a machine reaches this node; remembered, so that none means the last ones.
/// Errors: sync.not_compared, trust.not_allowed (unit elsewhere, or no right to certify),
/// trust.no_numbers, register.unknown_unit, input.missing, input.not_a_choice,
/// input.not_an_address.
Result<std::vector<MadeTicket>> make_tickets(Node& node, const std::vector<TicketOrder>& orders,
                                             const std::vector<std::string>& addresses, int days);
/// Answers a device's request: certifies its key where the ticket is open, and gives the same key
/// the same answer again. trust.ticket_* (another key is noted with the ticket), trust.revoked,
/// trust.other_parent, sync.not_compared, input.wrong_file.
Result<Bytes> answer_enrolment(Node& node, ByteView request,
                               const std::string& path = "device.llreq");
/// As answer_enrolment, of a request that anybody on the network may have sent; without the node's
/// lock, which it takes. Compares with the parent first, as compare_first does, where the request
/// shows an open ticket's secret, or a used one's with the same key: nobody else's makes it sync.
Result<Bytes> answer_enrolment_from_network(Node& node, ByteView request);

// --- the device ------------------------------------------------------------------------------

/// What a ticket file says; nothing is done with it. system.file, input.wrong_file,
/// trust.bad_ticket, trust.bad_certificate.
Result<Ticket> ticket_of_file(Files& files, const std::string& path);
/// Is the ticket of the file `path`, or where that is "" the one that waits in the folder, for a
/// server, or for a machine of people? trust.other_program; those of ticket_of_file.
Status expect_ticket_for(Files& files, const std::string& folder, const std::string& path,
                         bool server);
/// May the machine of this ticket be made in the folder, or go on there? Changes nothing.
/// system.exists where the folder is another node's: it has a root key, or a database or a
/// certificate without the device key that they go with. Also trust.wrong_root, trust.other_unit.
Status expect_folder_for(Files& files, const std::string& folder, const Ticket& ticket);
/// Takes a ticket, from the file `path`: makes the folder and the device's key where there are
/// none, and keeps the ticket until it is answered. A machine that is enrolled keeps its key and
/// its data, and goes on as before until the answer is there: that is how it gets a new parent. An
/// `actor` that is named takes the place of the one before.
/// Errors: input.wrong_file, trust.bad_ticket, those of expect_folder_for.
Result<Ticket> init_device(Files& files, Random& random, const std::string& folder, ByteView ticket,
                           const std::string& actor, const std::string& path = "ticket.llticket");
/// The ticket that waits for its answer. trust.enrolled_already or trust.not_enrolled where there
/// is none, store.not_made.
Result<Ticket> waiting_ticket(Files& files, const std::string& folder);
/// The request for it; also written to the folder, for a stick.
Result<Bytes> enrolment_request(Files& files, Random& random, const std::string& folder);
/// Takes the parent's answer, from the file `path`: checks it against ticket and key, then writes
/// certificate, root key and settings. A second time it changes nothing. Errors:
/// input.wrong_file, trust.bad_certificate, those of waiting_ticket.
Status enrol(Files& files, const std::string& folder, ByteView answer,
             const std::string& path = "device.llcert");

}  // namespace lalanh
