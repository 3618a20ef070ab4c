#include "shared/api/enrol.h"

#include "shared/api/api.h"
#include "shared/api/enrol_parts.h"
#include "shared/api/host_port.h"
#include "shared/api/node.h"
#include "shared/api/reference.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

/// Numbers of the province's block, and how many times smaller a child server's is: a province
/// has room for 1,024 servers below it, each of those for as many, a hall for 2,048 laptops.
constexpr std::uint32_t kProvinceBlock = 1U << 31U;
constexpr std::uint32_t kBlockShare = 1'024;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kAddresses = "own_addresses";

Status expect_compared(Node& node) {
  if (node.store().compared()) return {};
  return Error{ErrorCode::sync_not_compared};
}

Status expect_covered(Node& node, UnitNo unit) {
  const CertificateLink& own = node.store().own_certificate().device();
  if (!node.tree().knows(unit)) {
    return Error{ErrorCode::register_unknown_unit, {{"unit", std::to_string(unit.value)}}};
  }
  const bool covers = unit == own.unit || node.tree().is_or_ever_was_below(unit, own.unit);
  if ((own.rights & kCertify) != 0 && covers) return {};
  return Error{
      ErrorCode::trust_not_allowed,
      {{"device", std::to_string(own.device.value)}, {"scope", std::to_string(unit.value)}}};
}

/// The role that was asked for, or that of a village's laptop.
Result<DeviceRole> role_for(const TicketOrder& order, Rank rank) {
  const bool village = rank == Rank(1);
  if (!order.role) {
    if (village) return DeviceRole::kVillage;
    return Error{ErrorCode::input_missing, {{"field", "role"}, {"where", "ticket"}}};
  }
  if (village == (*order.role == DeviceRole::kVillage)) return *order.role;
  return Error{ErrorCode::input_not_a_choice,
               {{"field", "role"},
                {"value", std::string(to_text(*order.role))},
                {"choices", village ? "village" : "officer, server"}}};
}

Result<std::vector<std::string>> own_addresses(Node& node, const std::vector<std::string>& asked) {
  std::vector<std::string> out;
  for (const std::string& text : asked) {
    TRY_ASSIGN(const HostPort address, host_port_from_text(text, "--address"));
    out.push_back(to_text(address));
  }
  StoreCore& core = node.store().core();
  if (out.empty()) {
    TRY_ASSIGN(const std::string kept, core.meta_text(kAddresses));
    for (std::size_t at = 0; at < kept.size();) {
      const std::size_t end = (std::min)(kept.find('\n', at), kept.size());
      out.push_back(kept.substr(at, end - at));
      at = end + 1;
    }
  }
  if (out.empty()) {
    return Error{ErrorCode::input_missing, {{"field", "address"}, {"where", "ticket"}}};
  }
  if (out.size() > limits::kAddressesMax) out.resize(limits::kAddressesMax);
  return out;
}

class TicketMaker {
 public:
  TicketMaker(Node& node, std::vector<std::string> addresses, int days)
      : node_(node), ledger_(node.store().core()), addresses_(std::move(addresses)), days_(days) {}

  Status begin() {
    TRY_ASSIGN(const std::uint64_t next, ledger_.next_number());
    // The first number of the block is the node's own.
    next_ = (std::max)(next, std::uint64_t{node_.settings().block_first} + 1);
    return {};
  }

  Result<MadeTicket> make(const TicketOrder& order) {
    TRY(expect_covered(node_, order.unit));
    const Rank rank = node_.tree().rank(order.unit, node_.today());
    TRY_ASSIGN(const DeviceRole role, role_for(order, rank));
    MadeTicket out;
    KeptTicket& kept = out.kept;
    kept.unit = order.unit;
    kept.role = role;
    kept.rank = rank;
    kept.name = order.name;
    const NodeSettings& settings = node_.settings();
    if (role == DeviceRole::kServer) {
      kept.block = (std::max)(settings.block_size / kBlockShare, 1U);
    }
    if (next_ + kept.block > std::uint64_t{settings.block_first} + settings.block_size) {
      return Error{ErrorCode::trust_no_numbers};
    }
    kept.device = DeviceNo(static_cast<std::uint32_t>(next_));
    next_ += kept.block;
    kept.addresses = addresses_;
    kept.made = node_.options().clock->now();
    kept.expires = TimeMs(kept.made.value + days_ * kDayMs);
    node_.options().random->fill(kept.id);
    Hash secret{};
    node_.options().random->fill(secret);
    kept.secret = ticket_secret_hash(kept.id, secret);
    TRY(ledger_.add(kept));
    out.file = write_ticket(file_of(kept, secret), node_.key());
    return out;
  }

 private:
  Ticket file_of(const KeptTicket& kept, const Hash& secret) {
    Ticket out;
    out.id = kept.id;
    out.secret = secret;
    out.made = kept.made;
    out.expires = kept.expires;
    out.role = kept.role;
    out.grant.device = kept.device;
    out.grant.unit = kept.unit;
    out.grant.rank = kept.rank;
    out.grant.rights = rights_of(kept.role);
    out.block = kept.block;
    const UnitFact* fact = node_.tree().nearest(kept.unit, node_.today());
    out.unit_code = fact == nullptr ? "" : fact->code;
    out.unit_name = fact == nullptr ? "" : fact->name;
    out.name = kept.name;
    out.addresses = kept.addresses;
    out.root = node_.store().root_key();
    out.parent = node_.store().own_certificate();
    return out;
  }

  Node& node_;
  TicketLedger ledger_;
  std::vector<std::string> addresses_;
  int days_;
  std::uint64_t next_ = 0;
};

Result<Bytes> answer_text(Node& node, const KeptTicket& ticket, ByteView certificate) {
  EnrolmentAnswer answer;
  answer.ticket = ticket.id;
  TRY_ASSIGN(answer.certificate, read_certificate(certificate, node.store().root_key()));
  answer.block = ticket.block;
  answer.addresses = ticket.addresses;
  const UnitFact* fact = node.tree().nearest(ticket.unit, node.today());
  answer.unit_code = fact == nullptr ? "" : fact->code;
  answer.unit_name = fact == nullptr ? "" : fact->name;
  return write_enrolment_answer(answer, node.key());
}

/// The ticket may be used by whoever shows the request, or why not.
Status judge(Node& node, const KeptTicket& ticket, const EnrolmentRequest& request) {
  if (!equal_secret(ticket.secret, ticket_secret_hash(request.ticket, request.secret))) {
    return Error{ErrorCode::trust_ticket_unknown};
  }
  if (ticket.key) {
    return *ticket.key == request.key ? Status() : Status(Error{ErrorCode::trust_ticket_used});
  }
  if (ticket.cancelled) return Error{ErrorCode::trust_ticket_cancelled};
  if (node.options().clock->now().value > ticket.expires.value) {
    return Error{ErrorCode::trust_ticket_expired};
  }
  return {};
}

/// A request, and the ticket that it names, where this node has made that.
struct Shown {
  EnrolmentRequest request;
  std::optional<KeptTicket> ticket;
};

Result<Shown> look_at_request(Node& node, ByteView bytes, const std::string& path) {
  TRY(expect_small(bytes));
  Result<EnrolmentRequest> request = read_enrolment_request(bytes, node.key());
  if (!request.ok()) {
    return wrong_file(request.error(), path, "a device's request file, device.llreq");
  }
  TRY_ASSIGN(std::optional<KeptTicket> ticket,
             TicketLedger(node.store().core()).find(request->ticket));
  return Shown{std::move(*request), std::move(ticket)};
}

}  // namespace

Error wrong_file(const Error& found, const std::string& path, const char* expected) {
  if (found.domain() != "input" && found.domain() != "format") return found;
  return {ErrorCode::input_wrong_file, {{"path", path}, {"expected", expected}}};
}

Status expect_small(ByteView file) {
  if (file.size() <= limits::kEnrolmentBytesMax) return {};
  return Error{ErrorCode::input_too_large, {{"max", std::to_string(limits::kEnrolmentBytesMax)}}};
}

Status init_province(Files& files, Random& random, Clock& clock, const std::string& folder,
                     const std::string& actor, const std::vector<UnitFact>& facts) {
  TRY(start_crypto());
  const UnitFact* province = nullptr;
  for (const UnitFact& fact : facts) {
    if (fact.level == UnitLevel::kProvince && province == nullptr) province = &fact;
  }
  if (province == nullptr) {
    return Error{ErrorCode::input_missing, {{"field", "province"}, {"where", "units"}}};
  }
  const NodeFiles names(folder);
  for (const std::string& path : {names.key, names.certificate, names.database}) {
    if (files.exists(path)) return Error{ErrorCode::system_exists, {{"path", path}}};
  }
  TRY(files.make_folder(folder));
  const KeyPair root = KeyPair::make(random);
  const KeyPair key = KeyPair::make(random);
  CertificateLink link;
  link.device = DeviceNo(1);
  link.key = key.public_key();
  link.unit = province->unit;
  link.rank = Rank(static_cast<std::uint8_t>(UnitLevel::kProvince));
  link.rights = rights_of(DeviceRole::kServer);
  NodeSettings settings;
  settings.actor = actor;
  settings.unit = province->unit;
  settings.unit_code = province->code;
  settings.unit_name = province->name;
  settings.block_first = 1;
  settings.block_size = kProvinceBlock;
  TRY(write_settings(files, folder, settings));
  TRY(files.replace(names.root_secret, root.seed(), true));
  TRY(files.replace(names.root_public, root.public_key(), false));
  TRY(files.replace(names.certificate, issue_root(root, link).bytes, false));
  TRY(files.replace(names.key, key.seed(), true));
  NodeOptions options;
  options.folder = folder;
  options.clock = &clock;
  options.random = &random;
  options.files = &files;
  TRY_ASSIGN(const std::unique_ptr<Node> node, Node::open(options));
  return write_unit_facts(node->store(), node->words(), province->unit, facts, actor);
}

Result<std::vector<MadeTicket>> make_tickets(Node& node, const std::vector<TicketOrder>& orders,
                                             const std::vector<std::string>& addresses, int days) {
  TRY(expect_compared(node));
  if (orders.size() > limits::kTicketsMax) {
    return Error{ErrorCode::input_too_large, {{"max", std::to_string(limits::kTicketsMax)}}};
  }
  TRY_ASSIGN(std::vector<std::string> reached, own_addresses(node, addresses));
  StoreCore& core = node.store().core();
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core.db));
  std::string kept;
  for (const std::string& address : reached) kept += (kept.empty() ? "" : "\n") + address;
  TRY(core.set_meta_text(kAddresses, kept));
  TicketMaker maker(node, std::move(reached), days);
  TRY(maker.begin());
  std::vector<MadeTicket> out;
  for (const TicketOrder& order : orders) {
    TRY_ASSIGN(MadeTicket made, maker.make(order));
    out.push_back(std::move(made));
  }
  TRY(transaction.commit());
  return out;
}

Result<Bytes> answer_enrolment(Node& node, ByteView bytes, const std::string& path) {
  TRY_ASSIGN(const Shown shown, look_at_request(node, bytes, path));
  const std::optional<KeptTicket>& ticket = shown.ticket;
  if (!ticket) return Error{ErrorCode::trust_ticket_unknown};
  TicketLedger ledger(node.store().core());
  if (const Status judged = judge(node, *ticket, shown.request); !judged.ok()) {
    TRY(ledger.note_refused(ticket->id));
    return judged.error();
  }
  if (ticket->key) {
    TRY_ASSIGN(const Bytes given, ledger.certificate(*ticket));
    TRY_ASSIGN(const Certificate certificate, read_certificate(given, node.store().root_key()));
    if (node.store().revoked(certificate.device())) return Error{ErrorCode::trust_revoked};
    return answer_text(node, *ticket, given);
  }
  TRY(expect_compared(node));
  TRY(expect_covered(node, ticket->unit));
  CertificateLink link;
  link.device = ticket->device;
  link.key = shown.request.key;
  link.unit = ticket->unit;
  link.rank = ticket->rank;
  link.rights = rights_of(ticket->role);
  if (node.store().revoked(link)) return Error{ErrorCode::trust_revoked};
  const Certificate certificate = issue(node.store().own_certificate(), node.key(), link);
  TRY(ledger.use(*ticket, shown.request.key, certificate.bytes));
  return answer_text(node, *ticket, certificate.bytes);
}

Result<Bytes> answer_enrolment_from_network(Node& node, ByteView request) {
  bool good = false;
  {
    const auto lock = node.lock();
    const Result<Shown> shown = look_at_request(node, request, "");
    good = shown.ok() && shown->ticket && judge(node, *shown->ticket, shown->request).ok();
  }
  if (good) compare_first(node);
  const auto lock = node.lock();
  return answer_enrolment(node, request);
}

}  // namespace lalanh
