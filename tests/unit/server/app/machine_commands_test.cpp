#include "server/app/machine_commands.h"

#include <catch2/catch.hpp>

using namespace lalanh::server;

TEST_CASE("a ticket's file lies in the folder asked for, whatever a unit's code says") {
  CHECK(ticket_file_name("1440401", "7") == "1440401-7.llticket");
  CHECK(ticket_file_name("../../a", "7") == "______a-7.llticket");
  CHECK(ticket_file_name("a/b\\c:d.e", "7") == "a_b_c_d_e-7.llticket");
  CHECK(ticket_file_name("Đ", "7") == "__-7.llticket");
  CHECK(ticket_file_name("", "7") == "-7.llticket");
}
