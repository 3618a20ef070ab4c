#pragma once

#include <functional>
#include <string>

#include "shared/base/ports.h"
#include "shared/trust/ticket.h"

/// How a machine gets its certificate, online or by stick: the same for both programs.
namespace lalanh::sync {

/// What a machine brings along.
struct EnrolWish {
  std::string folder;
  std::string actor;
  std::string ticket;  ///< path of the ticket file; "": the one that waits in the folder
  std::string stick;   ///< write the request to this folder as well, and do not try the network
  std::string answer;  ///< path of an answer, or of a folder that has it; "": ask online
};

/// What became of it.
struct Enrolled {
  bool done = false;
  std::string unit;     ///< its name
  std::string request;  ///< where it is not done: the file that the parent has to see
  std::string why_vi;   ///< and why the parent was not reached; "" where nobody tried
  std::string why_en;
};

/// Takes the ticket, makes what is missing, and asks the parent: online, or through files. A parent
/// that cannot be reached is no error: the request lies ready then. Errors: those of init_device,
/// enrolment_request, enrol and enrol_online; input.missing where a folder has no answer for us.
Result<Enrolled> enrol_machine(Files& files, Random& random, Clock& clock, const EnrolWish& wish,
                               const std::function<bool()>& stopped);

/// The sentence about it, and as JSON.
struct EnrolledText {
  std::string vi, en, json;
};
EnrolledText text_of(const Enrolled& enrolled);

/// The name of a request on a stick, without its ending: of the ticket, so that many lie side by
/// side. The answer has the same name, and kAnswerEnding.
std::string stick_name(const TicketId& ticket);

}  // namespace lalanh::sync
