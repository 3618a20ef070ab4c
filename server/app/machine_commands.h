#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/app/options.h"
#include "server/app/serve.h"
#include "shared/api/exit_code.h"
#include "shared/api/http.h"

namespace lalanh::server {

/// Has the API answer; see commands.cpp.
using AskApi = std::function<Result<ApiReply>(ApiRequest)>;

/// `init TICKET` and `enrol`: the key of the link is made as well.
Exit enrol_server(const Options& options, const Ports& ports);
/// `ticket`: writes the files of what the API has made.
Exit make_ticket_files(const Options& options, const Ports& ports, const AskApi& ask);
/// "1440401-7.llticket": a unit's code is what a table or another server says, so what could leave
/// the folder is written as "_".
std::string ticket_file_name(std::string_view code, const std::string& device);
/// `certify`: an answer beside each request file.
Exit answer_requests(const Options& options, const Ports& ports, const AskApi& ask);
/// The key of the link, beside the device's.
Status make_tls(const Options& options, const Ports& ports);

}  // namespace lalanh::server
