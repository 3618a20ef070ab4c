#include "client/app/serve.h"

#include <cstdio>

#include "client/app/commands.h"
#include "client/http/local_server.h"
#include "client/http/serve_file.h"
#include "shared/platform/platform.h"

namespace lalanh::client {

Exit serve(Machine& machine, const Options& o, StopSignal& stop) {
  const Result<std::unique_ptr<Backend>> backend =
      Backend::open(machine, o, [&] { return stop.requested(); });
  if (!backend.ok()) return fail(backend.error(), o);
  Node* node = (*backend)->node();
  if (node == nullptr) return fail({ErrorCode::store_locked, {{"path", o.folder}}}, o);
  LocalServerOptions options;
  options.port = o.port;
  options.token = make_token(*machine.random);
  Result<std::unique_ptr<LocalServer>> server = LocalServer::start(
      options, [node](const ApiRequest& request) { return node->handle(request); });
  if (!server.ok()) return fail(server.error(), o);
  const ServeFile file{(*server)->port(), options.token, process_id()};
  const Status written = write_serve_file(*machine.files, o.folder, file);
  if (!written.ok()) return fail(written.error(), o);
  const bool vi = o.language == Language::kVietnamese;
  const std::string line = (vi ? "Lá Lành đang mở tại " : "Lá Lành is open at ") +
                           (*server)->start_address() +
                           (vi ? "\nNhấn Ctrl-C để đóng.\n" : "\nPress Ctrl-C to close.\n");
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
  stop.wait();
  (*server)->stop();
  const Status removed = remove_serve_file(*machine.files, o.folder);
  return removed.ok() ? Exit::kDone : fail(removed.error(), o);
}

}  // namespace lalanh::client
