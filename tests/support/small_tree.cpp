#include "tests/support/small_tree.h"

#include <filesystem>

namespace lalanh::testing {
namespace {

UnitFact fact(UnitNo unit, const char* code, const char* name, UnitLevel level, UnitNo parent) {
  UnitFact out;
  out.unit = unit;
  out.valid_from = {2021, 1, 1};
  out.code = code;
  out.name = name;
  out.level = level;
  out.kind = std::string(to_text(level));
  out.parent = parent;
  return out;
}

template <class T>
T must(Result<T> result) {
  if (!result.ok())
    std::fprintf(stderr, "%s\n", result.error().message(Language::kEnglish).c_str());
  CHECK(result.ok());
  return std::move(result).value();
}

}  // namespace

SmallTree::SmallTree(std::uint64_t seed) : random(seed), root(KeyPair::make(random)) {
  CHECK(start_crypto().ok());
  const std::vector<UnitFact> facts = {
      fact(kProvince, "37", "Tỉnh Thử", UnitLevel::kProvince, UnitNo(0)),
      fact(kDistrict, "372", "Huyện Thử", UnitLevel::kDistrict, kProvince),
      fact(kCommune, "14401", "Xã Thử", UnitLevel::kCommune, kDistrict),
      fact(kVillage, "1440101", "Thôn Một", UnitLevel::kVillage, kCommune),
      fact(kNeighbour, "1440102", "Thôn Hai", UnitLevel::kVillage, kCommune)};
  tree.add(facts);
}

const SmallTree::Tier& SmallTree::tier(UnitNo unit) {
  for (const auto& [known, found] : tiers_) {
    if (known == unit) return found;
  }
  const UnitFact* here = tree.nearest(unit, {2026, 1, 1});
  CHECK(here != nullptr);
  CertificateLink link;
  link.device = DeviceNo(unit.value);
  link.unit = unit;
  link.rank = Rank(static_cast<std::uint8_t>(here->level));
  link.rights = 31;
  KeyPair key = KeyPair::make(random);
  link.key = key.public_key();
  Certificate certificate;
  if (here->parent.value == 0) {
    certificate = issue_root(root, link);
  } else {
    const Tier& issuer = tier(here->parent);
    certificate = issue(issuer.certificate, issuer.key, link);
  }
  tiers_.emplace_back(unit, Tier{std::move(key), std::move(certificate)});
  return tiers_.back().second;
}

SmallTree::Device SmallTree::device(UnitNo unit, std::uint32_t number, std::uint32_t rights) {
  Device out;
  out.key = std::make_unique<KeyPair>(KeyPair::make(random));
  const UnitFact* here = tree.nearest(unit, {2026, 1, 1});
  CertificateLink link;
  link.device = DeviceNo(number);
  link.unit = unit;
  link.rank = Rank(static_cast<std::uint8_t>(here->level));
  link.rights = rights;
  link.key = out.key->public_key();
  if (here->parent.value == 0) {
    out.certificate = issue_root(root, link);
  } else {
    const Tier& issuer = tier(here->parent);
    out.certificate = issue(issuer.certificate, issuer.key, link);
  }
  out.path = folder.file("device" + std::to_string(files_++) + ".db");
  reopen(out);
  return out;
}

SmallTree::Device SmallTree::certified_by(const Device& issuer, UnitNo unit, std::uint32_t number) {
  Device out;
  out.key = std::make_unique<KeyPair>(KeyPair::make(random));
  const Rank rank = issuer.certificate.device().rank;
  out.certificate = issue(issuer.certificate, *issuer.key,
                          {DeviceNo(number), out.key->public_key(), unit, rank, 31, {}});
  out.path = folder.file("device" + std::to_string(files_++) + ".db");
  reopen(out);
  return out;
}

void SmallTree::reopen(Device& device) {
  device.store.reset();
  StoreOptions options;
  options.database.path = device.path;
  options.database.create = true;
  options.clock = &clock;
  options.random = &random;
  options.key = device.key.get();
  options.certificate = device.certificate;
  options.root_key = root.public_key();
  device.store = must(Store::open(options));
  device.store->set_tree([this]() -> const UnitTree& { return tree; });
}

SmallTree::Device SmallTree::clone(const Device& device) {
  Device out;
  out.key = std::make_unique<KeyPair>(KeyPair::from_seed(device.key->seed()));
  out.certificate = device.certificate;
  out.path = folder.file("device" + std::to_string(files_++) + ".db");
  std::filesystem::copy_file(device.path, out.path);
  if (std::filesystem::exists(device.path + "-wal")) {
    std::filesystem::copy_file(device.path + "-wal", out.path + "-wal");
  }
  reopen(out);
  return out;
}

std::vector<Taken> carry(Store& from, Store& to, Scope scope) {
  CHECK(from.seal().ok());
  std::vector<Bytes> segments;
  for (const SegmentRef& ref : must(from.missing(scope, must(to.tips(scope))))) {
    segments.push_back(must(from.segment_bytes(ref.ordinal)));
  }
  return must(to.take_in(segments));
}

Event create_event(const std::string& type, const Dot& parent,
                   std::vector<std::pair<std::string, Value>> fields) {
  Event event;
  event.actor = "Nguyễn Văn An, Trưởng thôn";
  event.verb = "record";
  Op create;
  create.kind = OpKind::kCreate;
  create.name = type;
  if (!parent.none()) create.value = Value::dot(parent);
  event.ops.push_back(create);
  for (auto& [name, value] : fields) {
    Op op;
    op.name = name;
    op.value = std::move(value);
    event.ops.push_back(std::move(op));
  }
  return event;
}

Event set_event(Store& store, Scope scope, const Dot& entity, const std::string& field,
                Value value) {
  Event event;
  event.actor = "Nguyễn Văn An, Trưởng thôn";
  event.verb = "correct";
  event.entity = entity;
  Op op;
  op.name = field;
  op.value = std::move(value);
  const std::optional<EntityState> state = must(store.entity(scope, entity));
  CHECK(state.has_value());
  const ScopeStreams* streams = must(store.core().scope(scope));
  for (const Write& write : writes_of(*state, store.core().words.word(field))) {
    op.base.push_back(streams->dot(write.ref));
  }
  event.ops.push_back(std::move(op));
  return event;
}

Dot write_one(Store& store, Scope scope, Event event) {
  WriteBatch batch = must(store.begin_write());
  const Dot dot = must(batch.add(scope, std::move(event)));
  const Status status = batch.commit();
  CHECK(status.ok());
  return dot;
}

}  // namespace lalanh::testing
