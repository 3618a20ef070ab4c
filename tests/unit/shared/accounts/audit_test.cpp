#include "shared/accounts/audit.h"

#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

std::unique_ptr<Audit> opened(const TemporaryFolder& folder, TimeMs now, std::uint8_t key = 1) {
  Result<std::unique_ptr<Audit>> audit = Audit::open(folder.path(), Bytes(32, key), "aegis", now);
  REQUIRE(audit.ok());
  return std::move(*audit);
}

AuditLine line(std::int64_t time, const std::string& what) {
  return {TimeMs(time), "tam", "Bùi Văn Tám, Trưởng thôn", "GET /api/households/{id}", what};
}

}  // namespace

TEST_CASE("the record says who, when and what, the newest first, also after a restart") {
  const TemporaryFolder folder;
  CHECK(opened(folder, TimeMs(1))->write(line(5, "3700004-ab.1")).ok());
  const std::unique_ptr<Audit> audit = opened(folder, TimeMs(10));
  CHECK(audit->write(line(6, "3700004-ab.2")).ok());
  const Result<std::vector<AuditLine>> lines = audit->newest(10);
  REQUIRE(lines.ok());
  REQUIRE(lines->size() == 2);
  CHECK((*lines)[0].what == "3700004-ab.2");
  CHECK((*lines)[1].time == TimeMs(5));
  CHECK((*lines)[1].login == "tam");
  CHECK((*lines)[1].actor == "Bùi Văn Tám, Trưởng thôn");
  CHECK(audit->newest(1)->size() == 1);
}

TEST_CASE("another key does not open the record") {
  const TemporaryFolder folder;
  CHECK(opened(folder, TimeMs(1))->write(line(5, "x")).ok());
  CHECK_FALSE(Audit::open(folder.path(), Bytes(32, 2), "aegis", TimeMs(1)).ok());
  CHECK_FALSE(Audit::open(folder.path(), {}, "", TimeMs(1)).ok());
}

TEST_CASE("a clock decades ahead drops nothing new from the record") {
  const TemporaryFolder folder;
  CHECK(opened(folder, TimeMs(1))->write(line(5, "x")).ok());
  CHECK(opened(folder, TimeMs(4'070'908'800'000))->newest(9)->size() == 1);
}

TEST_CASE("long words are cut between characters") {
  const TemporaryFolder folder;
  const std::unique_ptr<Audit> audit = opened(folder, TimeMs(1));
  std::string what = "x";
  while (what.size() < 600) what += "ờ";
  CHECK(audit->write(line(1, what)).ok());
  const std::string kept = (*audit->newest(1)).front().what;
  CHECK(kept.size() <= limits::kAuditTextBytesMax);
  CHECK(what.starts_with(kept));
  CHECK((kept.size() - 1) % 3 == 0);
}
