#include "shared/api/enrol.h"

#include "shared/api/host_port.h"
#include "shared/api/node.h"
#include "shared/api/reference.h"
#include "shared/api/restore.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

/// Numbers of the province's block, and how many times smaller a child server's is: a province
/// has room for 1,024 servers below it, each of those for as many, a hall for 2,048 laptops.
constexpr std::uint32_t kProvinceBlock = 1U << 31U;
constexpr std::uint32_t kBlockShare = 1'024;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kAddresses = "own_addresses";

/// What is wrong inside a file matters less than that it is another one than was meant, perhaps a
/// secret one: no part of it is shown. What is no matter of reading is said as it was found.
Error wrong_file(const Error& found, const std::string& path, const char* expected) {
  if (found.domain() != "input" && found.domain() != "format") return found;
  return {ErrorCode::input_wrong_file, {{"path", path}, {"expected", expected}}};
}

Status expect_small(ByteView bytes) {
  if (bytes.size() <= limits::kEnrolmentBytesMax) return {};
  return Error{ErrorCode::input_too_large, {{"max", std::to_string(limits::kEnrolmentBytesMax)}}};
}

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

}  // namespace

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
  TRY(expect_small(bytes));
  const Result<EnrolmentRequest> request = read_enrolment_request(bytes, node.key());
  if (!request.ok()) {
    return wrong_file(request.error(), path, "a device's request file, device.llreq");
  }
  TicketLedger ledger(node.store().core());
  TRY_ASSIGN(const std::optional<KeptTicket> ticket, ledger.find(request->ticket));
  if (!ticket) return Error{ErrorCode::trust_ticket_unknown};
  if (const Status judged = judge(node, *ticket, *request); !judged.ok()) {
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
  link.key = request->key;
  link.unit = ticket->unit;
  link.rank = ticket->rank;
  link.rights = rights_of(ticket->role);
  if (node.store().revoked(link)) return Error{ErrorCode::trust_revoked};
  const Certificate certificate = issue(node.store().own_certificate(), node.key(), link);
  TRY(ledger.use(*ticket, request->key, certificate.bytes));
  return answer_text(node, *ticket, certificate.bytes);
}

// --- the device ------------------------------------------------------------------------------

Result<Ticket> ticket_of_file(Files& files, const std::string& path) {
  TRY(start_crypto());
  TRY_ASSIGN(const Bytes bytes, files.read(path, limits::kEnrolmentBytesMax));
  Result<Ticket> ticket = read_ticket(bytes);
  if (!ticket.ok()) return wrong_file(ticket.error(), path, "a ticket file, *.llticket");
  return ticket;
}

Status expect_ticket_for(Files& files, const std::string& folder, const std::string& path,
                         bool server) {
  const std::string waiting = NodeFiles(folder).ticket;
  if (path.empty() && !files.exists(waiting)) return {};
  TRY_ASSIGN(const Ticket ticket, ticket_of_file(files, path.empty() ? waiting : path));
  const bool of_server = ticket.role == DeviceRole::kServer;
  if (of_server == server) return {};
  return of_other_program(ErrorCode::trust_other_program, of_server, ticket.unit_name);
}

Result<Ticket> init_device(Files& files, Random& random, const std::string& folder, ByteView bytes,
                           const std::string& actor, const std::string& path) {
  TRY(start_crypto());
  TRY(expect_small(bytes));
  Result<Ticket> ticket = read_ticket(bytes);
  if (!ticket.ok()) return wrong_file(ticket.error(), path, "a ticket file, *.llticket");
  const NodeFiles names(folder);
  if (files.exists(names.root_public)) {
    TRY_ASSIGN(const Hash known, read_key_file(files, names.root_public));
    if (known != ticket->root) return Error{ErrorCode::trust_wrong_root, {}};
  }
  if (files.exists(names.root_secret) ||
      (!files.exists(names.key) && files.exists(names.database))) {
    return Error{ErrorCode::system_exists, {{"path", names.database}}};
  }
  if (files.exists(names.key)) {
    TRY_ASSIGN(const NodeSettings before, read_settings(files, folder));
    // Its records would stay here, and its unsent work could no longer be sent.
    if (before.unit != UnitNo() && before.unit != ticket->grant.unit) {
      return Error{ErrorCode::trust_other_unit,
                   {{"unit", before.unit_name}, {"other", ticket->unit_name}}};
    }
    if (!actor.empty() && actor != before.actor) {
      NodeSettings now = before;
      now.actor = actor;
      TRY(write_settings(files, folder, now));
    }
    TRY(files.replace(names.ticket, bytes, true));
    return ticket;
  }
  TRY(files.make_folder(folder));
  NodeSettings settings;
  settings.actor = actor;
  TRY(write_settings(files, folder, settings));
  TRY(files.replace(names.ticket, bytes, true));
  // The key last: with it the device is made.
  TRY(files.replace(names.key, KeyPair::make(random).seed(), true));
  return ticket;
}

Result<Ticket> waiting_ticket(Files& files, const std::string& folder) {
  TRY(start_crypto());
  const NodeFiles names(folder);
  if (!files.exists(names.key)) return Error{ErrorCode::store_not_made, {{"path", folder}}};
  if (!files.exists(names.ticket)) {
    if (files.exists(names.certificate)) {
      TRY_ASSIGN(const NodeSettings settings, read_settings(files, folder));
      return Error{ErrorCode::trust_enrolled_already, {{"unit", settings.unit_name}}};
    }
    return Error{ErrorCode::trust_not_enrolled, {{"file", names.request}}};
  }
  TRY_ASSIGN(const Bytes bytes, files.read(names.ticket, limits::kEnrolmentBytesMax));
  return read_ticket(bytes);
}

Result<Bytes> enrolment_request(Files& files, Random& random, const std::string& folder) {
  TRY_ASSIGN(const Ticket ticket, waiting_ticket(files, folder));
  const NodeFiles names(folder);
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  const KeyPair key = KeyPair::from_seed(seed);
  EnrolmentRequest request;
  request.ticket = ticket.id;
  request.secret = ticket.secret;
  request.key = key.public_key();
  request.name = ticket.name;
  TRY_ASSIGN(Bytes bytes,
             write_enrolment_request(request, ticket.parent.device().key, key, random));
  TRY(files.replace(names.request, bytes, false));
  return bytes;
}

Status enrol(Files& files, const std::string& folder, ByteView bytes, const std::string& path) {
  const NodeFiles names(folder);
  TRY(expect_small(bytes));
  // After an answer the ticket is kept under another name: the same answer again is no mistake.
  const bool again = !files.exists(names.ticket) && files.exists(names.used_ticket);
  Result<Ticket> ticket = again ? Ticket{} : waiting_ticket(files, folder);
  if (again) {
    TRY(start_crypto());
    TRY_ASSIGN(const Bytes kept, files.read(names.used_ticket, limits::kEnrolmentBytesMax));
    ticket = read_ticket(kept);
  }
  if (!ticket.ok()) return ticket.error();
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  const Hash key = KeyPair::from_seed(seed).public_key();
  Result<EnrolmentAnswer> answer = read_enrolment_answer(bytes, *ticket, key);
  if (!answer.ok()) {
    return wrong_file(answer.error(), path, "a certificate file of the parent, *.llcert");
  }
  TRY_ASSIGN(NodeSettings settings, read_settings(files, folder));
  settings.unit = ticket->grant.unit;
  settings.unit_code = answer->unit_code;
  settings.unit_name = answer->unit_name;
  settings.parent_address = answer->addresses.front();
  settings.parent_key = ticket->parent.device().key;
  settings.block_first = ticket->grant.device.value;
  settings.block_size = answer->block;
  TRY(write_settings(files, folder, settings));
  TRY(files.replace(names.root_public, ticket->root, false));
  TRY(files.replace(names.certificate, answer->certificate.bytes, false));
  if (again) return {};
  // Used up: worth nothing to anybody else.
  TRY_ASSIGN(const Bytes kept, files.read(names.ticket, limits::kEnrolmentBytesMax));
  TRY(files.replace(names.used_ticket, kept, true));
  TRY(files.remove(names.ticket));
  if (files.exists(names.request)) TRY(files.remove(names.request));
  return {};
}

}  // namespace lalanh
