#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/trust/certificate.h"

/// The three files of enrolment: ticket, request, answer (`docs/FORMATS.md`, Enrolment).
namespace lalanh {

/// What a machine is for; decides its rights and its block of numbers. The number is in tickets.
enum class DeviceRole : std::uint8_t { kVillage = 0, kOfficer = 1, kServer = 2 };

std::string_view to_text(DeviceRole role);
bool role_from_text(std::string_view text, DeviceRole& out);
/// Bits of Right that a certificate of the role has.
std::uint32_t rights_of(DeviceRole role);

/// Random; names a ticket at the server that made it.
using TicketId = std::array<std::uint8_t, 16>;

/// One use: the right to have one key certified. Secret, for it carries `secret`.
struct Ticket {
  TicketId id{};
  Hash secret{};
  TimeMs made;     ///< by the parent's clock, as `expires`
  TimeMs expires;  ///< judged by the parent alone: the machine's own clock may be wrong
  DeviceRole role = DeviceRole::kVillage;
  CertificateLink grant;    ///< device, unit, rank, rights; without key and signature
  std::uint32_t block = 1;  ///< device numbers from grant.device on, its own the first
  std::string unit_code;
  std::string unit_name;
  std::string name;                    ///< of the machine, for people; may be empty
  std::vector<std::string> addresses;  ///< where the parent is reached, the best first
  Hash root{};
  Certificate parent;
};

/// What a parent keeps of a ticket's secret.
Hash ticket_secret_hash(const TicketId& id, const Hash& secret);
/// `parent_key` is the secret half of `ticket.parent`.
Bytes write_ticket(const Ticket& ticket, const KeyPair& parent_key);
/// Foreign bytes; verified up to the root key that they name. input.wrong_kind where they are
/// something else, trust.bad_ticket, trust.bad_certificate, format.*.
Result<Ticket> read_ticket(ByteView bytes);

/// How the names of requests end, and those of answers beside them.
inline constexpr std::string_view kRequestEnding = ".llreq";
inline constexpr std::string_view kAnswerEnding = ".llcert";

/// A machine's plea to the parent, opened.
struct EnrolmentRequest {
  TicketId ticket{};
  Hash secret{};
  Hash key{};  ///< public, of the device
  std::string name;
};

/// Sealed to the parent, signed by the device: `request.key` is the public half of `device`.
/// trust.bad_ticket where the parent's key is none.
Result<Bytes> write_enrolment_request(const EnrolmentRequest& request, const Hash& parent,
                                      const KeyPair& device, Random& random);
/// Foreign bytes. input.wrong_kind, trust.other_parent where it is sealed to another key or was
/// altered, format.*.
Result<EnrolmentRequest> read_enrolment_request(ByteView bytes, const KeyPair& parent);

/// What the parent says to it.
struct EnrolmentAnswer {
  TicketId ticket{};
  Certificate certificate;
  std::uint32_t block = 1;
  std::vector<std::string> addresses;
  std::string unit_code;
  std::string unit_name;
};

Bytes write_enrolment_answer(const EnrolmentAnswer& answer, const KeyPair& parent_key);
/// Foreign bytes, that must answer the ticket for the device's public key. input.wrong_kind,
/// trust.bad_certificate with why, format.*.
Result<EnrolmentAnswer> read_enrolment_answer(ByteView bytes, const Ticket& ticket,
                                              const Hash& key);

}  // namespace lalanh
