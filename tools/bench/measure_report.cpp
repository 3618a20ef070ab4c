#include "shared/api/enrol.h"
#include "shared/platform/platform.h"
#include "shared/register/facts.h"
#include "shared/report/report.h"
#include "tools/bench/measures.h"
#include "tools/gen/rng.h"
#include "tools/gen/units.h"

namespace lalanh::bench {
namespace {

constexpr int kHouseholds = 318'000;
constexpr const char* kPeriod = "2025";
constexpr std::uint32_t kBase = 3'700'000;

UnitFact fact(std::uint32_t number, const std::string& code, const std::string& name,
              UnitLevel level, std::uint32_t parent) {
  UnitFact out;
  out.unit = UnitNo(kBase + number);
  out.valid_from = {2021, 1, 1};
  out.code = code;
  out.name = name;
  out.level = level;
  out.kind = std::string(to_text(level));
  if (level != UnitLevel::kProvince) out.parent = UnitNo(kBase + parent);
  return out;
}

struct Province {
  std::vector<UnitFact> facts;
  std::vector<UnitNo> villages;
};

/// The real tree of Ninh Bình in 2021, with its invented villages.
Province province() {
  const gen::Tree& tree = gen::tree();
  Province out;
  out.facts.push_back(fact(0, tree.code, tree.name, UnitLevel::kProvince, 0));
  std::uint32_t next = 1;
  for (const gen::DistrictUnit& district : tree.districts) {
    const std::uint32_t at_district = next++;
    out.facts.push_back(fact(at_district, district.code, district.name, UnitLevel::kDistrict, 0));
    for (const std::size_t c : district.communes) {
      const gen::CommuneUnit& commune = tree.communes[c];
      const std::uint32_t at_commune = next++;
      out.facts.push_back(
          fact(at_commune, commune.code, commune.name, UnitLevel::kCommune, at_district));
      for (const std::size_t v : commune.villages) {
        const gen::VillageUnit& village = tree.villages[v];
        out.villages.emplace_back(kBase + next);
        out.facts.push_back(
            fact(next++, village.code, village.name, UnitLevel::kVillage, at_commune));
      }
    }
  }
  return out;
}

/// Rows of the register's tables and the counters told of them, as 318,000 assessed households
/// leave them; the log behind them is ingest's to measure.
Status fill(Node& node, const std::vector<UnitNo>& villages) {
  Database& db = *node.store().core().db;
  TRY_ASSIGN(Transaction transaction, Transaction::begin(db));
  TRY_ASSIGN(Statement household,
             db.prepare("INSERT INTO household (id, unit, there, counted, moved, members, heads,"
                        " code, sort, search) VALUES (?, ?, 1, 1, 0, ?, 1, '', x'00', '')"));
  TRY_ASSIGN(Statement assessment,
             db.prepare("INSERT INTO assessment (id, household, period, class, findings, there,"
                        " counted) VALUES (?, ?, ?, ?, 0, 1, 1)"));
  gen::Rng rng(1, "report bench", {});
  for (int i = 0; i < kHouseholds; ++i) {
    const UnitNo unit = villages[static_cast<std::size_t>(i) % villages.size()];
    HouseholdFacts facts;
    facts.counted = true;
    facts.members = rng.between(1, 7);
    const std::uint32_t lot = rng.below(1'000);
    const PovertyClass value = lot < 19   ? PovertyClass::kPoor
                               : lot < 45 ? PovertyClass::kNearPoor
                               : lot < 60 ? PovertyClass::kAverageFarm
                                          : PovertyClass::kNotPoor;
    facts.periods.push_back({kPeriod, value});
    const std::int64_t id = 2 * (std::int64_t{i} + 1);
    household.reset().bind(1, id).bind(2, unit.value).bind(3, facts.members);
    TRY(household.run());
    assessment.reset().bind(1, id + 1).bind(2, id).bind_text(3, kPeriod);
    assessment.bind(4, static_cast<std::int64_t>(value));
    TRY(assessment.run());
    TRY(node.counters().household_changed(unit, {}, facts));
  }
  TRY(node.counters().flush());
  TRY(transaction.commit());
  node.counters().committed();
  return {};
}

}  // namespace

Status measure_report(const Context& context) {
  if (!context.any({"report.province", "report.recompute"})) return {};
  const std::filesystem::path folder = context.folder / "report";
  const std::unique_ptr<Clock> clock = make_system_clock();
  const std::unique_ptr<Files> files = make_system_files();
  TRY_ASSIGN(const std::unique_ptr<Random> random, make_system_random());
  const Province tree = province();
  TRY(init_province(*files, *random, *clock, folder.string(), "Sở", tree.facts));
  NodeOptions options;
  options.folder = folder.string();
  options.clock = clock.get();
  options.random = random.get();
  options.files = files.get();
  TRY_ASSIGN(const std::unique_ptr<Node> node, Node::open(options));
  TRY(fill(*node, tree.villages));
  const ReportOrder& order = node->order(node->today());
  std::vector<double> reports, recomputed;
  for (int i = 0; i < context.runs; ++i) {
    TRY_ASSIGN(const double report, timed([&]() -> Status {
                 TRY_ASSIGN(const ClassReport made,
                            order.class_report(node->counters(), UnitNo(kBase), ""));
                 CHECK(made.total.counts.all.households == kHouseholds);
                 return {};
               }));
    reports.push_back(report * 1'000);
    TRY_ASSIGN(const double anew, timed([&]() -> Status {
                 TRY_ASSIGN(const std::vector<std::string> differences, node->counters().check());
                 CHECK(differences.empty());
                 return {};
               }));
    recomputed.push_back(anew * 1'000);
  }
  Figure figure{"report.province",
                median(reports),
                "ms",
                {},
                1.0,
                false,
                std::to_string(kHouseholds) + " households, " +
                    std::to_string(tree.villages.size()) + " villages"};
  context.tell(figure);
  context.tell({"report.recompute",
                median(recomputed),
                "ms",
                {},
                {},
                false,
                "the same figures added up from the register's tables, equal"});
  return {};
}

}  // namespace lalanh::bench
