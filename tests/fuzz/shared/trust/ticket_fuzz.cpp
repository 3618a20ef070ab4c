#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/trust/targets.h"
#include "tests/support/simple_ports.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  Ticket ticket;
  ticket.id = {1, 2, 3};
  ticket.secret = Hash{4};
  ticket.made = TimeMs(1'700'000'000'000);
  ticket.expires = TimeMs(1'702'000'000'000);
  ticket.parent = four_tiers();
  ticket.root = key(0).public_key();
  ticket.grant.device = DeviceNo(3'700'009);
  ticket.grant.unit = ticket.parent.chain.back().unit;
  ticket.grant.rank = Rank(1);
  ticket.grant.rights = kWriteRecords;
  ticket.unit_code = "1440101";
  ticket.unit_name = "Thôn Một";
  ticket.addresses = {"hall.example:8600"};
  const Bytes whole = write_ticket(ticket, key(4));
  corpus.file("ticket", whole);
  testing::SeededRandom random(1);
  const KeyPair device = key(6);
  // To another parent than the target's, which nothing may reach.
  const Result<Bytes> request =
      write_enrolment_request({ticket.id, ticket.secret, device.public_key(), "laptop"},
                              key(5).public_key(), device, random);
  LALANH_CHECK(request.ok());
  corpus.file("request", *request);
  corpus.file("answer", write_enrolment_answer({ticket.id, four_tiers(), 1, ticket.addresses,
                                                ticket.unit_code, ticket.unit_name},
                                               key(4)));
  cbor_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_enrolment({data, size});
  return 0;
}
