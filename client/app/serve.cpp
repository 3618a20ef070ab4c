#include "client/app/serve.h"

#include "client/app/backend.h"
#include "client/http/local_server.h"
#include "shared/api/backup.h"
#include "shared/catalogue/json_writer.h"
#include "shared/console/serve_file.h"
#include "shared/platform/platform.h"

namespace lalanh::client {
namespace {

/// How often it is looked whether a backup is due.
constexpr std::int64_t kLookEveryMs = 5'000;

}  // namespace

Exit serve(Machine& machine, const Options& o, StopSignal& stop) {
  const Result<std::unique_ptr<Backend>> backend =
      Backend::open(machine, o, [&] { return stop.requested(); });
  if (!backend.ok()) return show(backend.error(), o.manner);
  Front* front = (*backend)->front();
  if (front == nullptr) return show({ErrorCode::store_locked, {{"path", o.folder}}}, o.manner);
  LocalServerOptions options;
  options.port = o.port;
  options.token = make_token(*machine.random);
  (*backend)->desk().set_start_token(options.token);
  Result<std::unique_ptr<LocalServer>> server = LocalServer::start(
      options, [front](const ApiRequest& request) { return front->handle(request); });
  if (!server.ok()) return show(server.error(), o.manner);
  const ServeFile file{(*server)->port(), options.token, process_id()};
  const Status written = write_serve_file(*machine.files, o.folder, file);
  if (!written.ok()) return show(written.error(), o.manner);
  const std::string address = (*server)->start_address();
  std::string json;
  JsonWriter(json)
      .begin_object()
      .text("address", address)
      .integer("port", file.port)
      .text("token", file.token)
      .end_object();
  say(o.manner, "Lá Lành đang mở tại " + address + "\nNhấn Ctrl-C để đóng.",
      "Lá Lành is open at " + address + "\nPress Ctrl-C to close.", json);
  BackupClock backups(*machine.clock, *machine.files, o.folder);
  while (!stop.wait_for(kLookEveryMs)) {
    Node* node = front->node();  // nobody has signed in yet: there is no key
    if (node == nullptr || !backups.due()) continue;
    const Result<BackupMade> made = make_automatic_backup(backup_of(*node), false);
    backups.tried(made.ok());
    if (!made.ok() && !stop.requested()) (void)show(made.error(), o.manner);
  }
  (*server)->stop();
  const Status removed = remove_serve_file(*machine.files, o.folder);
  return removed.ok() ? Exit::kDone : show(removed.error(), o.manner);
}

}  // namespace lalanh::client
