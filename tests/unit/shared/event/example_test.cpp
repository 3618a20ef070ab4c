// The worked example of docs/FORMATS.md: what is printed there is checked here, byte by byte.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "shared/event/compression.h"
#include "shared/event/segment_parts.h"
#include "shared/trust/certificate.h"
#include "tests/unit/shared/event/random_events.h"

using namespace lalanh;

namespace {

constexpr std::string_view kCertificate =
    "81861a0038752458206b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc1a0038"
    "752c0101584088b021584a976ffe5a1baeca82a2e89df0f9da0aff3a92a7815ddcdbd50b1f555d8fb1188f16"
    "4921573e10e5bde945cfec08a1812aa612c52de92871f39fc900";
constexpr std::string_view kCanonical =
    "871b0000018b11bbc4000001781f4cc3aa205468e1bb8b2053c3a1752c205472c6b0e1bb9f6e67207468c3b4"
    "6e667265636f7264f684840069686f757365686f6c64f68084016468656164725472e1baa76e205468e1bb8b"
    "2042c3ac6e688084016a686561645f62697274681907b180840167616464726573736658c3b36d203380";
constexpr std::string_view kHash0 =
    "e2e257fe6fb91c4c58a2c7b4ed25dc9fc91d4994e1e07902f17d9b64910d9de8";
constexpr std::string_view kHash1 =
    "3a719cd8432b7b14ccac027ef8b6bcec545a6bd85396fb8b54c84278d8932c9f";
constexpr std::string_view kColumns =
    "0002f579fdf32c20fc2800be00040000a3000b0094000a00a2000b00930005c0a69710040002000101010004"
    "0001020300f588f5100000e21e0058c3b36d20330000";
constexpr std::string_view kSegment =
    "51d8d4c303e2e257fe6fb91c4c58a2c7b40100010203040506077281861a0038752458206b79c57e6a095239"
    "282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc1a0038752c0101584088b021584a976ffe5a1bae"
    "ca82a2e89df0f9da0aff3a92a7815ddcdbd50b1f555d8fb1188f164921573e10e5bde945cfec08a1812aa612"
    "c52de92871f39fc900668333d75c25f8b6adbfe1f0f8dc6dd38a3df882ca5b3b49c68ac877bb8b88390de01f"
    "4381c5fb17cee7d1dbafd7e58fa560f1441af6117dff75cec7817c80020142000000c50100634208f62e4c82"
    "47275c71d7d1dc35d7baee1042b35950cd999c0355588f012821e6a30306fcdda3d7162f95a638564fa7c45a"
    "6fabd85f0f";

constexpr Scope kScope{UnitNo(3'700'012), Channel::kRecords};
constexpr std::array<std::uint8_t, 8> kEpoch = {0, 1, 2, 3, 4, 5, 6, 7};

KeyPair key(std::uint8_t n) {
  REQUIRE(start_crypto().ok());
  return KeyPair::from_seed(Hash{n});
}

/// The root's own child: the village's device.
Certificate certificate() {
  CertificateLink link;
  link.device = DeviceNo(3'700'004);
  link.key = key(2).public_key();
  link.unit = UnitNo(3'700'012);
  link.rank = Rank(1);
  link.rights = kWriteRecords;
  return issue_root(key(1), link);
}

Event event() {
  const auto op = [](OpKind kind, std::string name, Value value) {
    return Op{kind, std::move(name), std::move(value), {}, {}, {}, {}};
  };
  Event out;
  out.time = TimeMs(1'696'809'600'000);
  out.order = 1;
  out.actor = "Lê Thị Sáu, Trưởng thôn";
  out.verb = "record";
  out.ops = {op(OpKind::kCreate, "household", Value::null()),
             op(OpKind::kSet, "head", Value::text("Trần Thị Bình")),
             op(OpKind::kSet, "head_birth", Value::integer(1969)),
             op(OpKind::kSet, "address", Value::text("Xóm 3"))};
  return out;
}

Hash hash0() { return stream_hash(kScope, certificate().bytes, kEpoch, std::nullopt, {}); }

Bytes canonical() {
  Bytes out;
  write_canonical(event(), out);
  return out;
}

Hash hash1() { return chain_hash(hash0(), canonical()); }

SegmentHeader header() {
  SegmentHeader out;
  out.scope = kScope;
  out.writer = writer_of(hash0());
  out.first = 1;
  out.count = 1;
  out.start = StreamStart{kEpoch, std::nullopt, certificate().bytes};
  out.signature = key(2).sign(signed_bytes(kScope, out.writer, 1, hash1()));
  return out;
}

}  // namespace

TEST_CASE("the example's certificate, canonical bytes and hashes are those of the document") {
  CHECK(to_hex(certificate().bytes) == kCertificate);
  CHECK(to_hex(canonical()) == kCanonical);
  CHECK(to_hex(hash0()) == kHash0);
  CHECK(to_hex(hash1()) == kHash1);
}

TEST_CASE("the example's columns are those of the document") {
  const std::vector<Event> events = {event()};
  const auto columns =
      segment_parts::write_columns(header(), events, test::TestNames(), word_list(1));
  CHECK(to_hex(columns.bytes) == kColumns);
  CHECK(columns.bits.bytes().empty());
}

TEST_CASE("the example's segment opens for ever, and its signature is that of the device") {
  Bytes bytes;
  REQUIRE(from_hex(kSegment, bytes));
  const auto found = read_segment(bytes, test::TestNames());
  REQUIRE(found.ok());
  CHECK(found->segment.events == std::vector<Event>{event()});
  const SegmentHeader& read = found->segment.header;
  CHECK(read.start->epoch == kEpoch);
  CHECK(to_hex(read.start->certificate) == kCertificate);
  CHECK(verify(key(2).public_key(), signed_bytes(kScope, read.writer, 1, hash1()), read.signature));
}

TEST_CASE("the document prints the example's bytes") {
  std::ifstream in("docs/FORMATS.md");
  std::stringstream text;
  text << in.rdbuf();
  std::string hex;
  for (const char c : text.str()) {
    if (c != ' ' && c != '\n') hex.push_back(c);
  }
  for (const std::string_view part : {kCanonical, kHash0, kHash1}) {
    INFO(part);
    CHECK(hex.find(part) != std::string::npos);
  }
}
