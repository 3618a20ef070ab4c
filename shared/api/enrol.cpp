#include "shared/api/enrol.h"

#include "shared/api/host_port.h"
#include "shared/api/node.h"
#include "shared/api/reference.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh {
namespace {

constexpr std::uint32_t kEveryRight =
    kWriteRecords | kWriteReference | kCertify | kRevoke | kDecide;
constexpr std::uint32_t kVillageRights = kWriteRecords;
/// Numbers of the province's block, and how many times smaller a child server's is: a province
/// has room for 1,024 servers below it, each of those for as many, a hall for 2,048 laptops.
constexpr std::uint32_t kProvinceBlock = 1U << 31U;
constexpr std::uint32_t kBlockShare = 1'024;

Error wrong(const JsonIn& in, const char* field, const char* expected) {
  return {ErrorCode::input_wrong_kind,
          {{"field", field}, {"expected", expected}, {"where", in.where()}}};
}

Result<Hash> read_key(const JsonIn& in, const char* field) {
  TRY_ASSIGN(const std::string_view text, in.text(field));
  Bytes bytes;
  Hash out{};
  if (!from_hex(text, bytes) || bytes.size() != out.size()) return wrong(in, field, "64 hex");
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

Status make_folder_for_key(Files& files, const std::string& folder) {
  const NodeFiles names(folder);
  for (const std::string& path : {names.key, names.certificate, names.database}) {
    if (files.exists(path)) return Error{ErrorCode::system_exists, {{"path", path}}};
  }
  TRY(files.make_folder(folder));
  return {};
}

std::string request_text(const KeyPair& key, const std::string& name) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("format", 1).text("key", to_hex(key.public_key()));
  out.text("name", name).end_object();
  text.push_back('\n');
  return text;
}

/// What is wrong inside a file matters less than that it is another one than was meant, perhaps a
/// secret one: no part of it is shown. What is no matter of reading (a signature, a newer format)
/// is said as it was found.
Error wrong_file(const Error& found, const std::string& path, const char* expected) {
  if (found.domain() != "input") return found;
  return {ErrorCode::input_wrong_file, {{"path", path}, {"expected", expected}}};
}

Status expect_format(const JsonIn& in) {
  TRY_ASSIGN(const std::int64_t format, in.integer("format", 1, 255));
  if (format == 1) return {};
  return Error{ErrorCode::format_newer, {{"found", std::to_string(format)}, {"known", "1"}}};
}

Result<Hash> key_of_request(ByteView request) {
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(request), "device.llreq"));
  const JsonIn in(value, "device.llreq");
  TRY(in.expect_keys({"format", "key", "name", "tier"}));
  TRY(expect_format(in));
  return read_key(in, "key");
}

struct Issued {
  std::uint32_t device = 0;
  std::uint32_t block = 1;
  Certificate certificate;
};

/// The certificate that this key has for the unit already; device 0 where it has none.
Result<Issued> find_issued(Node& node, const Hash& key, UnitNo unit) {
  StoreCore& core = node.store().core();
  TRY_ASSIGN(Statement select, core.db->prepare("SELECT device, block, certificate FROM issued"
                                                " WHERE unit=? ORDER BY device"));
  select.bind(1, unit.value);
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return Issued{};
    TRY_ASSIGN(Certificate certificate, read_certificate(select.blob(2), core.options.root_key));
    if (certificate.device().key != key) continue;
    return Issued{static_cast<std::uint32_t>(select.integer(0)),
                  static_cast<std::uint32_t>(select.integer(1)), std::move(certificate)};
  }
}

Result<Issued> issue_new(Node& node, const Hash& key, UnitNo unit) {
  StoreCore& core = node.store().core();
  const NodeSettings& settings = node.settings();
  const Rank rank = node.tree().rank(unit, node.today());
  const bool village = rank == Rank(1);
  Issued out;
  out.block = village ? 1 : (std::max)(settings.block_size / kBlockShare, 1U);
  TRY_ASSIGN(const std::int64_t next,
             core.db->integer("SELECT ifnull(max(device + block), 0) FROM issued"));
  // The first number of the block is the node's own.
  const std::uint64_t device =
      (std::max)(static_cast<std::uint64_t>(next), std::uint64_t{settings.block_first} + 1);
  if (device + out.block > std::uint64_t{settings.block_first} + settings.block_size) {
    return Error{ErrorCode::trust_bad_certificate, {{"why", "no device number is left here"}}};
  }
  out.device = static_cast<std::uint32_t>(device);
  CertificateLink link;
  link.device = DeviceNo(out.device);
  link.key = key;
  link.unit = unit;
  link.rank = rank;
  link.rights = village ? kVillageRights : kEveryRight;
  out.certificate = issue(core.options.certificate, node.key(), link);
  TRY_ASSIGN(Statement insert,
             core.db->prepare("INSERT INTO issued (device, block, unit, certificate, at)"
                              " VALUES (?, ?, ?, ?, ?)"));
  insert.bind(1, out.device).bind(2, out.block).bind(3, unit.value);
  insert.bind(4, out.certificate.bytes).bind(5, core.options.clock->now().value);
  TRY(insert.run());
  return out;
}

std::string answer_text(Node& node, const Issued& issued, UnitNo unit, const std::string& address) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("format", 1);
  out.text("root", to_hex(node.store().root_key()));
  out.text("certificate", to_hex(issued.certificate.bytes));
  out.key("parent").begin_object().text("address", address);
  out.text("key", to_hex(node.key().public_key())).end_object();
  const UnitFact* fact = node.tree().nearest(unit, node.today());
  out.key("unit").begin_object().integer("number", unit.value);
  out.text("code", fact == nullptr ? "" : fact->code);
  out.text("name", fact == nullptr ? "" : fact->name).end_object();
  out.key("block").begin_object().integer("first", issued.device);
  out.integer("size", issued.block).end_object().end_object();
  text.push_back('\n');
  return text;
}

}  // namespace

Result<std::string> init_device(Files& files, Random& random, const std::string& folder,
                                const std::string& name, const std::string& actor) {
  TRY(start_crypto());
  TRY(make_folder_for_key(files, folder));
  const NodeFiles names(folder);
  NodeSettings settings;
  settings.actor = actor;
  TRY(write_settings(files, folder, settings));
  const KeyPair key = KeyPair::make(random);
  TRY(files.replace(names.request, as_bytes(request_text(key, name)), false));
  // The key last: with it the device is made, and a second init refuses.
  TRY(files.replace(names.key, key.seed(), true));
  return names.request;
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
  TRY(make_folder_for_key(files, folder));
  const NodeFiles names(folder);
  const KeyPair root = KeyPair::make(random);
  const KeyPair key = KeyPair::make(random);
  CertificateLink link;
  link.device = DeviceNo(1);
  link.key = key.public_key();
  link.unit = province->unit;
  link.rank = Rank(static_cast<std::uint8_t>(UnitLevel::kProvince));
  link.rights = kEveryRight;
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

Result<Bytes> certify(Node& node, ByteView request, UnitNo unit, const std::string& address,
                      const std::string& path) {
  if (request.size() > limits::kEnrolmentBytesMax) {
    return Error{ErrorCode::input_too_large, {{"max", std::to_string(limits::kEnrolmentBytesMax)}}};
  }
  TRY_ASSIGN(const HostPort reached, host_port_from_text(address, "--address"));
  const Result<Hash> asked = key_of_request(request);
  if (!asked.ok()) {
    return wrong_file(asked.error(), path, "a device's request file, device.llreq");
  }
  const Hash& key = *asked;
  const CertificateLink& own = node.store().own_certificate().device();
  if (!node.tree().knows(unit)) {
    return Error{ErrorCode::register_unknown_unit, {{"unit", std::to_string(unit.value)}}};
  }
  const bool covers = unit == own.unit || node.tree().is_or_ever_was_below(unit, own.unit);
  if ((own.rights & kCertify) == 0 || !covers) {
    return Error{
        ErrorCode::trust_not_allowed,
        {{"device", std::to_string(own.device.value)}, {"scope", std::to_string(unit.value)}}};
  }
  TRY_ASSIGN(Issued issued, find_issued(node, key, unit));
  if (issued.device == 0) {
    TRY_ASSIGN(issued, issue_new(node, key, unit));
  }
  const std::string text = answer_text(node, issued, unit, to_text(reached));
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

namespace {

/// The file that the parent gave, as far as it can be read without this device.
struct Answer {
  Hash root{};
  Certificate certificate;
  NodeSettings settings;  ///< all but the actor
};

Result<Answer> read_answer(ByteView bytes) {
  TRY_ASSIGN(const JsonValue value, parse_json(as_text(bytes), "device.llcert"));
  const JsonIn in(value, "device.llcert");
  TRY(in.expect_keys({"format", "root", "certificate", "parent", "unit", "block"}));
  TRY(expect_format(in));
  Answer out;
  TRY_ASSIGN(out.root, read_key(in, "root"));
  TRY_ASSIGN(const std::string_view hex, in.text("certificate"));
  Bytes certificate;
  if (!from_hex(hex, certificate)) return wrong(in, "certificate", "hex");
  TRY_ASSIGN(out.certificate, read_certificate(certificate, out.root));
  NodeSettings& settings = out.settings;
  TRY_ASSIGN(const JsonIn parent, in.member("parent"));
  TRY_ASSIGN(settings.parent_address, parent.text("address"));
  TRY_ASSIGN(settings.parent_key, read_key(parent, "key"));
  TRY_ASSIGN(const JsonIn unit, in.member("unit"));
  TRY_ASSIGN(settings.unit_code, unit.text("code"));
  TRY_ASSIGN(settings.unit_name, unit.text("name"));
  settings.unit = out.certificate.device().unit;
  TRY_ASSIGN(const JsonIn block, in.member("block"));
  TRY_ASSIGN(const std::int64_t first, block.integer("first", 1, 0xffffffff));
  TRY_ASSIGN(const std::int64_t size, block.integer("size", 1, 0xffffffff));
  settings.block_first = static_cast<std::uint32_t>(first);
  settings.block_size = static_cast<std::uint32_t>(size);
  return out;
}

}  // namespace

Status enrol(Files& files, const std::string& folder, ByteView bytes, const std::string& path) {
  TRY(start_crypto());
  const NodeFiles names(folder);
  if (!files.exists(names.key)) return Error{ErrorCode::store_not_made, {{"path", folder}}};
  if (bytes.size() > limits::kEnrolmentBytesMax) {
    return Error{ErrorCode::input_too_large, {{"max", std::to_string(limits::kEnrolmentBytesMax)}}};
  }
  Result<Answer> answer = read_answer(bytes);
  if (!answer.ok()) {
    return wrong_file(answer.error(), path, "a certificate file of the parent, device.llcert");
  }
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  if (KeyPair::from_seed(seed).public_key() != answer->certificate.device().key) {
    return Error{ErrorCode::trust_bad_certificate, {{"why", "it is for another machine's key"}}};
  }
  if (files.exists(names.root_public)) {
    TRY_ASSIGN(const Hash known, read_key_file(files, names.root_public));
    if (known != answer->root) return Error{ErrorCode::trust_wrong_root, {}};
  }
  TRY_ASSIGN(const NodeSettings before, read_settings(files, folder));
  // Its records would stay here, and its unsent work could no longer be sent.
  if (before.unit != UnitNo() && before.unit != answer->settings.unit) {
    return Error{ErrorCode::trust_other_unit,
                 {{"unit", before.unit_name}, {"other", answer->settings.unit_name}}};
  }
  answer->settings.actor = before.actor;
  TRY(write_settings(files, folder, answer->settings));
  TRY(files.replace(names.root_public, answer->root, false));
  return files.replace(names.certificate, answer->certificate.bytes, false);
}

}  // namespace lalanh
