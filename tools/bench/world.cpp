#include "tools/bench/world.h"

#include "shared/api/enrol.h"
#include "shared/catalogue/text.h"
#include "shared/platform/platform.h"
#include "shared/register/register.h"
#include "shared/units/unit_tree.h"

namespace lalanh::bench {
namespace {

constexpr UnitNo kDistrict{3'700'001}, kCommune{3'700'002};
constexpr const char* kPeriod = "2025";

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

std::vector<UnitFact> units() {
  return {fact(World::kProvince, "37", "Tỉnh Đo", UnitLevel::kProvince, UnitNo(0)),
          fact(kDistrict, "372", "Huyện Đo", UnitLevel::kDistrict, World::kProvince),
          fact(kCommune, "14401", "Xã Đo", UnitLevel::kCommune, kDistrict),
          fact(World::kVillage, "1440101", "Thôn Đo", UnitLevel::kVillage, kCommune)};
}

bool of_household(const std::string& field) {
  return field == "head" || field == "head_birth" || field == "address" || field == "ethnic";
}

FieldInput input(const std::string& name, FieldValue value) { return {name, std::move(value), {}}; }

FieldInputs household_fields(const Household& row) {
  return {input("code", row.id), input("head", row.head), input("head_birth", row.birth),
          input("address", row.address), input("ethnic", row.ethnic)};
}

FieldInputs assessment_fields(const Household& row) {
  FieldInputs out = {input("period", std::string(kPeriod)), input("area", row.area),
                     input("income", row.income)};
  for (std::size_t i = 0; i < dictionary::indicators().size(); ++i) {
    out.push_back(input(dictionary::indicators()[i], bool{row.lacks[i]}));
  }
  FieldInput causes{"causes", {}, {}};
  for (const std::string& cause : row.causes) causes.items.emplace_back(cause);
  out.push_back(std::move(causes));
  out.push_back(input("wishes", row.wishes));
  return out;
}

FieldInputs member_fields(const dictionary::Member& member) {
  return {input("name", member.name), input("birth", member.birth),
          input("sex", member.sex),   input("relation", member.relation),
          input("job", member.job),   input("insured", member.insured)};
}

NodeOptions node_options(const std::filesystem::path& folder, Clock& clock, Random& random,
                         Files& files) {
  NodeOptions out;
  out.folder = folder.string();
  out.clock = &clock;
  out.random = &random;
  out.files = &files;
  out.cache_kib = kCacheKib;
  out.version = "bench";
  return out;
}

}  // namespace

Result<std::unique_ptr<World>> World::make(const std::filesystem::path& folder, Cipher cipher) {
  std::unique_ptr<World> world(new World());
  world->folder_ = folder;
  world->clock_ = make_system_clock();
  TRY_ASSIGN(world->random_, make_system_random());
  world->files_ = make_system_files();
  TRY(world->make_nodes(cipher));
  return world;
}

Status World::make_nodes(Cipher cipher) {
  const std::string province = path("province").string();
  const std::string village = path("village").string();
  TRY(init_province(*files_, *random_, *clock_, province, "Sở", units()));
  TRY_ASSIGN(const std::unique_ptr<Node> parent, open("province"));
  TRY_ASSIGN(const std::vector<MadeTicket> tickets,
             make_tickets(*parent, {{kVillage, {}, "Máy thôn"}}, {"127.0.0.1:1"}, kTicketDays));
  TRY(init_device(*files_, *random_, village, tickets.front().file, kActor));
  TRY_ASSIGN(const Bytes request, enrolment_request(*files_, *random_, village));
  TRY_ASSIGN(const Bytes answer, answer_enrolment(*parent, request));
  TRY(enrol(*files_, village, answer));
  if (cipher != Cipher::kNone) {
    DeskOptions options{village, clock_.get(), random_.get(), files_.get(), {1, 8}};
    options.cipher = cipher;
    TRY_ASSIGN(desk_, Desk::open(options));
    TRY(desk_->add({"an", "Nguyễn Văn An", "Trưởng thôn", "village_head", {}, "mật khẩu đo"}));
  }
  TRY_ASSIGN(village_, open("village"));
  // The tree, as its first sync would bring it.
  TRY(parent->store().seal());
  std::vector<Bytes> segments;
  TRY_ASSIGN(const std::vector<SegmentRef> refs,
             parent->store().missing({kProvince, Channel::kReference}, {}));
  for (const SegmentRef& ref : refs) {
    TRY_ASSIGN(Bytes bytes, parent->store().segment_bytes(ref.ordinal));
    segments.push_back(std::move(bytes));
  }
  TRY(village_->store().take_in(segments));
  return {};
}

Result<std::unique_ptr<Node>> World::open(const std::string& name) {
  NodeOptions options = node_options(path(name), *clock_, *random_, *files_);
  if (name == "village") options.desk = desk_.get();
  return Node::open(options);
}

Status World::copy(const std::string& from, const std::string& to) {
  std::error_code failed;
  std::filesystem::remove_all(path(to), failed);
  std::filesystem::copy(path(from), path(to), std::filesystem::copy_options::recursive, failed);
  if (!failed) return {};
  return Error{ErrorCode::system_file,
               {{"action", "copy"}, {"path", path(from).string()}, {"why", failed.message()}}};
}

Result<BoundEvent> World::create(WriteBatch& batch, const std::string& type, const Dot& parent,
                                 const Household& row, const dictionary::Member* member, Dot& out) {
  const FieldInputs fields = member != nullptr      ? member_fields(*member)
                             : type == "assessment" ? assessment_fields(row)
                                                    : household_fields(row);
  TRY_ASSIGN(
      out, village_->registry().create_in(batch, scope(), type, parent, fields, kActor, "record"));
  BoundEvent event;
  event.creates = true;
  event.entity = std::int64_t{out.counter};
  event.parent = std::int64_t{parent.counter};
  return event;
}

Result<std::vector<Batch>> World::enter(std::span<const Household> rows, std::size_t events) {
  Queue queue;
  for (const Household& row : rows) {
    Home& home = homes_[row.id];
    queue.push_back([&](WriteBatch& batch) {
      return create(batch, "household", {}, row, nullptr, home.household);
    });
    queue.push_back([&](WriteBatch& batch) {
      return create(batch, "assessment", home.household, row, nullptr, home.assessment);
    });
    for (const dictionary::Member& member : row.members) {
      queue.push_back([&](WriteBatch& batch) {
        Dot made;
        return create(batch, "member", home.household, row, &member, made);
      });
    }
  }
  return run(queue, events);
}

Result<bool> World::change(WriteBatch& batch, const Dot& entity, const Update& row,
                           bool household) {
  FieldInputs fields;
  for (const auto& [name, value] : row.fields) {
    if (of_household(name) == household) fields.push_back(input(name, to_field_value(value)));
  }
  if (fields.empty()) return false;
  return village_->registry().correct_in(batch, {scope(), entity}, fields, kActor, "correct");
}

Result<std::vector<Batch>> World::correct(std::span<const Update> rows, std::size_t events) {
  return run(corrections(rows), events);
}

Result<std::vector<Batch>> World::correct_some(std::span<const Update> rows, std::size_t events,
                                               std::size_t& taken) {
  // Only so many updates as surely fill the batch; each is one event or two, or none.
  const Queue queue = corrections(rows.first((std::min)(rows.size(), events)));
  std::size_t used = 0;
  TRY_ASSIGN(std::vector<Batch> made, run(queue, events, &used));
  taken += (used + 1) / 2;
  return made;
}

Status World::review(std::span<const Household> rows, const std::string& period) {
  Queue queue;
  for (const Household& row : rows) {
    queue.push_back([this, &row, &period](WriteBatch& batch) -> Result<BoundEvent> {
      FieldInputs fields = assessment_fields(row);
      fields.front() = input("period", period);
      Home& home = homes_.at(row.id);
      TRY_ASSIGN(home.assessment,
                 village_->registry().create_in(batch, scope(), "assessment", home.household,
                                                fields, kActor, "record"));
      return BoundEvent{std::int64_t{home.assessment.counter}, 0, true, {}};
    });
  }
  TRY(run(queue, queue.size()));
  return {};
}

World::Queue World::corrections(std::span<const Update> rows) {
  Queue queue;
  for (const Update& row : rows) {
    for (const bool household : {true, false}) {
      queue.push_back([this, &row, household](WriteBatch& batch) -> Result<BoundEvent> {
        const Home& home = homes_.at(row.id);
        const Dot& entity = household ? home.household : home.assessment;
        TRY_ASSIGN(const bool changed, change(batch, entity, row, household));
        BoundEvent event;
        event.entity = changed ? std::int64_t{entity.counter} : 0;
        return event;
      });
    }
  }
  return queue;
}

Result<std::size_t> World::save(const Update& row) {
  const Home& home = homes_.at(row.id);
  std::size_t saved = 0;
  for (const bool household : {true, false}) {
    FieldInputs fields;
    for (const auto& [name, value] : row.fields) {
      if (of_household(name) == household) fields.push_back(input(name, to_field_value(value)));
    }
    if (fields.empty()) continue;
    const Dot& entity = household ? home.household : home.assessment;
    TRY_ASSIGN(const bool changed, village_->registry().correct({scope(), entity}, fields, kActor));
    saved += changed ? 1 : 0;
  }
  return saved;
}

Result<std::vector<Batch>> World::run(const Queue& queue, std::size_t events, std::size_t* used) {
  Store& store = village_->store();
  std::vector<Batch> out;
  for (std::size_t at = 0; at < queue.size();) {
    Batch made;
    TRY_ASSIGN(WriteBatch batch, store.begin_write());
    for (; at < queue.size() && made.events.size() < events; ++at) {
      TRY_ASSIGN(BoundEvent event, queue[at](batch));
      if (event.entity != 0) made.events.push_back(std::move(event));
    }
    TRY(batch.commit());
    std::size_t place = 0;
    TRY_ASSIGN(const std::vector<std::uint32_t> streams, store.core().log.streams_with_tail());
    for (const std::uint32_t stream : streams) {
      TRY_ASSIGN(std::vector<Bytes> tail, store.core().log.tail(stream));
      for (Bytes& bytes : tail) made.events.at(place++).canonical = std::move(bytes);
    }
    CHECK(place == made.events.size());
    TRY(store.seal());
    TRY_ASSIGN(const std::vector<SegmentRef> refs, store.missing(scope(), {}));
    for (const SegmentRef& ref : refs) {
      if (ref.ordinal <= sealed_up_to_) continue;
      sealed_up_to_ = ref.ordinal;
      TRY_ASSIGN(Bytes bytes, store.segment_bytes(ref.ordinal));
      made.segments.push_back(std::move(bytes));
    }
    if (!made.events.empty()) out.push_back(std::move(made));
    if (used != nullptr) {
      *used = at;
      break;
    }
  }
  return out;
}

}  // namespace lalanh::bench
