#include "shared/trust/ticket.h"

#include <catch2/catch.hpp>

#include "shared/base/cbor.h"
#include "shared/trust/sealed_stream.h"
#include "tests/fuzz/shared/trust/targets.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;

namespace {

struct Parties {
  testing::SeededRandom random{5};
  Certificate parent;  ///< the commune, whose key is 3
  KeyPair device = KeyPair::make(random);
  Ticket ticket;

  Parties() {
    const Certificate village = fuzz::four_tiers();
    std::vector<CertificateLink> chain = village.chain;
    parent = issue(issue(issue_root(fuzz::key(0), chain[0]), fuzz::key(1), chain[1]), fuzz::key(2),
                   chain[2]);
    random.fill(ticket.id);
    random.fill(ticket.secret);
    ticket.made = TimeMs(1'000);
    ticket.expires = TimeMs(2'000);
    ticket.role = DeviceRole::kVillage;
    ticket.grant = chain[3];
    ticket.grant.rights = rights_of(ticket.role);
    ticket.unit_code = "1440101";
    ticket.unit_name = "Thôn Một";
    ticket.name = "Máy thôn";
    ticket.addresses = {"10.0.0.1:8750", "hall.example:8750"};
    ticket.root = fuzz::key(0).public_key();
    ticket.parent = parent;
  }
  Bytes file() const { return write_ticket(ticket, fuzz::key(3)); }
  Bytes request() {
    return write_enrolment_request({ticket.id, ticket.secret, device.public_key(), "Máy thôn"},
                                   parent.device().key, device, random)
        .value();
  }
  EnrolmentAnswer answer() const {
    CertificateLink link = ticket.grant;
    link.key = device.public_key();
    return {ticket.id, issue(parent, fuzz::key(3), link), 1, ticket.addresses, "1440101",
            "Thôn Một"};
  }
  Bytes answered(const EnrolmentAnswer& answer) const {
    return write_enrolment_answer(answer, fuzz::key(3));
  }
  std::string taken(const Bytes& bytes) const {
    const auto read = read_enrolment_answer(bytes, ticket, device.public_key());
    return read.ok() ? "" : read.error().name() + " " + std::string(read.error().value("why"));
  }
};

}  // namespace

TEST_CASE("a ticket, a request and an answer say what was written into them") {
  Parties p;
  const Ticket ticket = read_ticket(p.file()).value();
  CHECK(ticket.id == p.ticket.id);
  CHECK(ticket.secret == p.ticket.secret);
  CHECK(ticket.grant.device == p.ticket.grant.device);
  CHECK(ticket.grant.rights == kWriteRecords);
  CHECK(ticket.addresses == p.ticket.addresses);
  CHECK(ticket.unit_name == "Thôn Một");
  CHECK(ticket.expires == TimeMs(2'000));
  CHECK(ticket.parent.bytes == p.parent.bytes);
  const EnrolmentRequest request = read_enrolment_request(p.request(), fuzz::key(3)).value();
  CHECK(request.ticket == p.ticket.id);
  CHECK(request.secret == p.ticket.secret);
  CHECK(request.key == p.device.public_key());
  CHECK(p.taken(p.answered(p.answer())) == "");
}

TEST_CASE("a changed or shortened file of enrolment is refused, whichever byte it is") {
  Parties p;
  const Bytes files[] = {p.file(), p.request(), p.answered(p.answer())};
  for (const Bytes& file : files) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      Bytes bad = file;
      bad[i] ^= 0x10U;
      fuzz::any_enrolment(bad);
      CHECK_FALSE(read_ticket(bad).ok());
      CHECK_FALSE(read_enrolment_request(bad, fuzz::key(3)).ok());
      CHECK(p.taken(bad) != "");
      CHECK_FALSE(read_ticket(ByteView(file).first(i)).ok());
      CHECK_FALSE(read_enrolment_request(ByteView(file).first(i), fuzz::key(3)).ok());
    }
  }
}

TEST_CASE("a request is sealed to one parent and signed by the key that it names") {
  Parties p;
  CHECK(read_enrolment_request(p.request(), fuzz::key(2)).error().name() == "trust.other_parent");
  // Somebody who has the secret, and wants it for another's key.
  const EnrolmentRequest plea{p.ticket.id, p.ticket.secret, p.device.public_key(), ""};
  Bytes opened;
  cbor::Writer writer(opened);
  writer.array(5);
  writer.text("lalanh enrolment 2");
  writer.bytes(plea.ticket);
  writer.bytes(plea.secret);
  writer.bytes(plea.key);
  writer.text("");
  append(opened, fuzz::key(9).sign(opened));
  const ContentKey key = ContentKey::make(p.random);
  const Hash& parent = p.parent.device().key;
  Bytes sealed;
  SealedStream(key, {}).seal(opened, parent, true, sealed);
  Bytes file;
  cbor::Writer out(file);
  out.array(5);
  out.text("lalanh enrolment request 2");
  out.bytes(parent);
  out.bytes(*seal_box(key, parent, p.random));
  out.bytes(StreamStartBytes{});
  out.bytes(sealed);
  CHECK(read_enrolment_request(file, fuzz::key(3)).error().name() == "format.bad_signature");
}

TEST_CASE("an answer that is not what the ticket says is refused with why") {
  Parties p;
  const auto with = [&](auto change) {
    EnrolmentAnswer answer = p.answer();
    change(answer);
    return p.taken(p.answered(answer));
  };
  const auto certified = [&](auto change) {
    CertificateLink link = p.ticket.grant;
    link.key = p.device.public_key();
    change(link);
    return with([&](EnrolmentAnswer& a) { a.certificate = issue(p.parent, fuzz::key(3), link); });
  };
  CHECK(with([](EnrolmentAnswer& a) { a.ticket[0] ^= 1U; }) ==
        "trust.bad_certificate it answers another ticket");
  CHECK(with([](EnrolmentAnswer& a) { a.block = 2; }) ==
        "trust.bad_certificate it is not what the ticket says");
  CHECK(certified([](CertificateLink& l) { l.rights = 31; }) ==
        "trust.bad_certificate it is not what the ticket says");
  CHECK(certified([](CertificateLink& l) { l.device.value += 1; }) ==
        "trust.bad_certificate it is not what the ticket says");
  CHECK(certified([](CertificateLink& l) { l.key = fuzz::key(7).public_key(); }) ==
        "trust.bad_certificate it is for another machine's key");
  Bytes other = write_enrolment_answer(p.answer(), fuzz::key(2));
  CHECK(p.taken(other) == "trust.bad_certificate a signature is wrong");
}

TEST_CASE("items that a later version adds at the end are passed over") {
  Parties p;
  Bytes file = p.file();
  file.erase(file.end() - 64, file.end());
  REQUIRE(file[0] == 0x8e);
  file[0] = 0x8f;
  file.push_back(0x07);
  append(file, fuzz::key(3).sign(file));
  CHECK(read_ticket(file).ok());
}

TEST_CASE("roles have their rights, and no other") {
  CHECK(rights_of(DeviceRole::kVillage) == kWriteRecords);
  CHECK((rights_of(DeviceRole::kOfficer) & (kCertify | kRevoke)) == 0);
  CHECK((rights_of(DeviceRole::kServer) & (kCertify | kRevoke)) == (kCertify | kRevoke));
  DeviceRole role{};
  CHECK(role_from_text("server", role));
  CHECK(role == DeviceRole::kServer);
  CHECK_FALSE(role_from_text("king", role));
}
