// A device that is certified and means harm: it signs whatever the format allows. Nobody's program
// may stop at it, and all who hold the same of it, in whatever order it came, say the same.
#include "shared/event/revocation.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

const Scope kOne{UnitNo(3700004), Channel::kRecords};
const Scope kTwo{UnitNo(3700005), Channel::kRecords};

/// Whatever is asked about is here: the author fills in every name that he likes.
struct AnyNames : StreamNames {
  std::map<WriterId, WriterId> before;
  std::optional<WriterId> predecessor(const WriterId& writer) const override {
    const auto at = before.find(writer);
    return at == before.end() ? std::nullopt : std::optional(at->second);
  }
  bool knows(const WriterId&) const override { return true; }
};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t next() {
    std::array<std::uint8_t, 8> bytes{};
    random_.fill(bytes);
    std::uint64_t out = 0;
    for (const std::uint8_t byte : bytes) out = out << 8U | byte;
    return out;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all.at(below(all.size()));
  }

 private:
  SeededRandom random_;
};

/// What all hostile authors have heard of, so that they name each other's as well.
struct Heard {
  struct Names {
    std::vector<Dot> creates, dots;
  };
  std::map<UnitNo, Names> in;  ///< by the scope's unit: elsewhere nobody has heard of them
  std::vector<Link> links;
  std::vector<Hash> keys;
};

class Author {
 public:
  Author(World& world, const std::string& name, Heard& heard, Dice& dice)
      : key_(
            KeyPair::from_seed(must(read_key_file(*world.files, NodeFiles(world.path(name)).key)))),
        certificate_(must(world.files->read(NodeFiles(world.path(name)).certificate, 100'000))),
        heard_(heard),
        dice_(dice) {
    heard.keys.push_back(key_.public_key());
  }

  /// One more segment, of a new stream, at a stream's end, or of another continuation of it.
  Bytes segment(Scope scope) {
    scope_ = scope;
    std::vector<Line*> lines;
    for (const auto& each : lines_) {
      if (each->header.scope == scope) lines.push_back(each.get());
    }
    Line* line = lines.empty() || dice_.chance(20) ? begin(scope, lines) : dice_.of(lines);
    std::vector<Hash> hashes = line->hashes;
    const bool forks = dice_.chance(5) && hashes.size() > 1 && line->forks++ < 3;
    if (forks) hashes.resize(1 + dice_.below(hashes.size()));
    SegmentHeader header = line->header;
    header.first = static_cast<std::uint32_t>(hashes.size());
    if (header.first != 1) header.start.reset();
    std::vector<Event> events(1 + dice_.below(5));
    for (std::size_t i = 0; i < events.size(); ++i) {
      own_ = {header.writer, header.first + static_cast<std::uint32_t>(i)};
      events[i] = event();
      if (!check_event(events[i]).ok()) events[i] = harmless();
      if (events[i].creates()) {
        heard_.in[scope.unit].creates.push_back(own_);
        heard_.links.push_back({scope, own_, hash_front<8>(hashes.back())});
      }
      heard_.in[scope.unit].dots.push_back(own_);
      Bytes canonical;
      write_canonical(events[i], canonical);
      hashes.push_back(chain_hash(hashes.back(), canonical));
    }
    header.count = static_cast<std::uint32_t>(events.size());
    header.signature = key_.sign(signed_bytes(scope, header.writer, header.last(), hashes.back()));
    if (!forks || dice_.chance(50)) line->hashes = hashes;
    return write_segment(header, events, names_);
  }

 private:
  struct Line {
    SegmentHeader header;
    std::vector<Hash> hashes;  ///< h(0), h(1), …
    int forks = 0;
  };

  Line* begin(Scope scope, const std::vector<Line*>& lines) {
    Line& line = *lines_.emplace_back(std::make_unique<Line>());
    line.header.scope = scope;
    StreamStart& start = line.header.start.emplace();
    for (std::uint8_t& byte : start.epoch) byte = static_cast<std::uint8_t>(dice_.next());
    Hash before{};
    if (!lines.empty() && dice_.chance(60)) {
      const Line& previous = *dice_.of(lines);
      if (previous.hashes.size() > 1) {
        const std::size_t at = 1 + dice_.below(previous.hashes.size() - 1);
        start.predecessor = Predecessor{previous.header.writer, static_cast<std::uint32_t>(at)};
        before = previous.hashes[at];
      }
    }
    if (!start.predecessor || dice_.chance(50)) start.certificate = certificate_;
    line.hashes = {stream_hash(scope, certificate_, start.epoch, start.predecessor, before)};
    line.header.writer = writer_of(line.hashes[0]);
    if (start.predecessor) names_.before[line.header.writer] = start.predecessor->writer;
    return &line;
  }

  /// Any event of the scope that was heard of; once in a while one that nobody made, or none yet.
  Dot dot() {
    const Heard::Names& names = heard_.in[scope_.unit];
    if (dice_.below(400) == 0) return own_;
    Dot out =
        dice_.chance(60) && !names.creates.empty() ? dice_.of(names.creates) : dice_.of(names.dots);
    if (dice_.chance(3)) out.counter += static_cast<std::uint32_t>(dice_.below(4'000'000));
    return out;
  }
  bool alone() { return heard_.in[scope_.unit].dots.empty(); }
  std::vector<Dot> dots(std::size_t max) {
    std::vector<Dot> out(alone() ? 0 : dice_.below(max + 1));
    for (Dot& each : out) each = dot();
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  Value value() {
    static const std::vector<std::string> kTexts = {
        "",     "A",      "poor",       "near_poor", "2025",     "2025-13-45", "moved",   "f",
        "1980", "000123", "9999-12-31", "illness",   "An\nBình", "=1+1",       "\xc2\xa0"};
    switch (dice_.below(8)) {
      case 0: return {};
      case 1: return Value::boolean(dice_.chance(50));
      case 2: return Value::integer(static_cast<std::int64_t>(dice_.next()));
      case 3: return Value::integer(static_cast<std::int64_t>(dice_.below(300)) - 50);
      case 4: return alone() ? Value() : Value::dot(dot());
      case 5: return heard_.links.empty() ? Value() : Value::link(dice_.of(heard_.links));
      default: return Value::text(dice_.of(kTexts));
    }
  }

  const std::string& name() {
    static const std::vector<std::string> kNames = {
        "code",          "head",         "head_birth", "citizen_id", "address",    "continues",
        "name",          "birth",        "area",       "period",     "income",     "causes",
        "class_entered", "score_income", "parent",     "unit_no",    "valid_from", "x",
        "reviewed_on",   "farm_work"};
    return dice_.of(kNames);
  }

  Event harmless() {
    Event out;
    out.actor = "Kẻ Gian";
    out.verb = "x";
    out.ops.push_back({OpKind::kCreate, "household", {}, {}, {}, {}, {}});
    return out;
  }

  Event event() {
    Event out = harmless();
    out.time =
        TimeMs(dice_.chance(20) ? static_cast<std::int64_t>(dice_.next()) : 1'700'000'000'000);
    out.order = dice_.chance(10) ? dice_.next() >> 1U : dice_.below(50);
    out.grade = static_cast<ClockGrade>(dice_.below(3));
    if (dice_.chance(4)) {
      Revocation says;
      says.key = dice_.of(heard_.keys);
      out.ops = {revoke_op(says)};
      return out;
    }
    const bool creates = alone() || dice_.chance(40);
    if (creates) {
      static const std::vector<std::string> kTypes = {"household",  "household", "member",
                                                      "assessment", "unit_fact", "lạ"};
      Op& create = out.ops.front();
      create.name = dice_.of(kTypes);
      const bool hangs = create.name != "household" || dice_.chance(10);
      if (hangs && !alone()) create.value = Value::dot(dot());
    } else {
      out.ops.clear();
      out.entity = dot();
    }
    for (std::size_t i = dice_.below(5) + (creates ? 0 : 1); i > 0; --i) {
      Op& op = out.ops.emplace_back();
      op.kind = creates ? OpKind::kSet : static_cast<OpKind>(1 + dice_.below(6));
      if (op.kind != OpKind::kRemove && op.kind != OpKind::kKeep) op.name = name();
      op.value = value();
      if (!creates && op.kind != OpKind::kAdd && op.kind != OpKind::kAppend) op.base = dots(3);
      if (op.kind == OpKind::kRemove) op.tips = dots(3);
      if (op.kind == OpKind::kKeep) op.value = {};
    }
    return out;
  }

  KeyPair key_;
  Bytes certificate_;
  Heard& heard_;
  Dice& dice_;
  AnyNames names_;
  std::vector<std::unique_ptr<Line>> lines_;
  Scope scope_;  ///< of the segment that is made
  Dot own_;
};

/// All of it in some order, in pieces, with new starts in between, and again what had to wait.
void deliver(World& world, const std::string& name, std::vector<Bytes> segments, Dice& dice) {
  for (std::size_t i = segments.size(); i > 1; --i) {
    std::swap(segments[i - 1], segments[dice.below(i)]);
  }
  for (int round = 0; round < 8; ++round) {
    for (std::size_t at = 0; at < segments.size();) {
      const std::size_t count = (std::min)(1 + dice.below(8), segments.size() - at);
      must(world.node(name).store().take_in(std::span(segments).subspan(at, count)));
      at += count;
      if (dice.chance(10)) world.close(name);
    }
  }
}

const char* const kAsked[] = {
    "/api/households?unit=1440101&limit=500", "/api/households?unit=1440102&limit=500",
    "/api/report?period=2025&unit=14401", "/api/conflicts?unit=14401", "/api/findings?unit=14401"};

/// As text, lists in one order: what has the same name stands in the order of arrival.
std::string sorted(const JsonValue& value) {
  if (const auto* array = value.array(); array != nullptr) {
    std::vector<std::string> items;
    for (const JsonValue& each : *array) items.push_back(sorted(each));
    std::sort(items.begin(), items.end());
    std::string out = "[";
    for (const std::string& item : items) out += item + "\n";
    return out + "]";
  }
  if (const auto* object = value.object(); object != nullptr) {
    std::string out = "{";
    for (const JsonValue::Member& each : *object) out += each.key + ":" + sorted(each.value) + " ";
    return out + "}";
  }
  if (value.text() != nullptr) return *value.text();
  if (value.integer() != nullptr) return std::to_string(*value.integer());
  if (value.boolean() != nullptr) return *value.boolean() ? "true" : "false";
  return "null";
}

std::string asked_of(World& world, const std::string& name, const char* what) {
  const Got got = get(world.node(name), what);
  INFO(got.body);
  CHECK(got.status == 200);
  return sorted(got.json());
}

void check_alike(World& world, const std::string& a, const std::string& b) {
  for (const Scope scope : {kOne, kTwo}) {
    CHECK(must(world.node(a).store().heads_digest(scope)) ==
          must(world.node(b).store().heads_digest(scope)));
    CHECK(must(world.node(a).store().state_digest(scope)) ==
          must(world.node(b).store().state_digest(scope)));
  }
  for (const char* asked : kAsked) CHECK(asked_of(world, a, asked) == asked_of(world, b, asked));
}

/// Everything again from the log: the state, and what is derived from it.
void check_derived(World& world, const std::string& name) {
  const Got verified = post(world.node(name), "/api/verify");
  INFO(verified.body);
  CHECK(verified.yes("ok"));
  std::vector<std::string> before;
  for (const char* asked : kAsked) before.push_back(asked_of(world, name, asked));
  must(world.node(name).store().core().db->execute(
      "DELETE FROM meta WHERE key LIKE 'projection:%'"));
  world.close(name);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(asked_of(world, name, kAsked[i]) == before[i]);
  }
}

void play(std::uint64_t seed) {
  INFO("seed " << seed);
  World world(seed);
  Dice dice(seed);
  world.add("thon", "1440101", "province");
  world.add("huyen", "372", "province");
  world.add("ke gian", "1440101", "province");
  world.add("xa", "14401", "province");
  Heard heard;
  household(world.node("thon"), "1440101", R"({"head":"Thật","code":"A-1"})");
  const ScopeStreams& honest = *must(world.node("thon").store().core().known(kOne));
  const Dot first{honest.rows().front()->writer, 1};
  heard.in[kOne.unit] = {{first}, {first}};
  world.sync("thon", "province");
  world.sync("huyen", "province");
  Author village(world, "ke gian", heard, dice);
  Author hall(world, "xa", heard, dice);
  std::vector<Bytes> segments;
  for (int i = 0; i < 60; ++i) {
    const bool by_hall = dice.chance(50);
    segments.push_back(
        (by_hall ? hall : village).segment(by_hall && dice.chance(50) ? kTwo : kOne));
  }
  deliver(world, "province", segments, dice);
  deliver(world, "huyen", segments, dice);
  check_alike(world, "province", "huyen");
  check_derived(world, "province");
  check_derived(world, "huyen");
}

}  // namespace

TEST_CASE(
    "whatever a certified device signs, all who hold it agree, start again and derive the same") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) play(seed);
}

TEST_CASE("many more of what a certified device signs", "[.][long]") {
  for (std::uint64_t seed = 1'000; seed <= 3'000; ++seed) play(seed);
}
