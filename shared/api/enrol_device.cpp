#include "shared/api/enrol.h"
#include "shared/api/enrol_parts.h"
#include "shared/api/node.h"
#include "shared/api/restore.h"
#include "shared/base/limits.h"

namespace lalanh {

Result<Ticket> ticket_of_file(Files& files, const std::string& path) {
  TRY(start_crypto());
  TRY_ASSIGN(const Bytes bytes, files.read(path, limits::kEnrolmentBytesMax));
  Result<Ticket> ticket = read_ticket(bytes);
  if (!ticket.ok()) return wrong_file(ticket.error(), path, "a ticket file, *.llticket");
  return ticket;
}

Status expect_ticket_for(Files& files, const std::string& folder, const std::string& path,
                         bool server) {
  const std::string waiting = NodeFiles(folder).ticket;
  if (path.empty() && !files.exists(waiting)) return {};
  TRY_ASSIGN(const Ticket ticket, ticket_of_file(files, path.empty() ? waiting : path));
  const bool of_server = ticket.role == DeviceRole::kServer;
  if (of_server == server) return {};
  return of_other_program(ErrorCode::trust_other_program, of_server, ticket.unit_name);
}

Status expect_folder_for(Files& files, const std::string& folder, const Ticket& ticket) {
  const NodeFiles names(folder);
  if (files.exists(names.root_public)) {
    TRY_ASSIGN(const Hash known, read_key_file(files, names.root_public));
    if (known != ticket.root) return Error{ErrorCode::trust_wrong_root, {}};
  }
  if (files.exists(names.root_secret)) {
    return Error{ErrorCode::system_exists, {{"path", names.root_secret}}};
  }
  if (!files.exists(names.key)) {
    for (const std::string& path : {names.database, names.certificate}) {
      if (files.exists(path)) return Error{ErrorCode::system_exists, {{"path", path}}};
    }
    return {};
  }
  TRY_ASSIGN(const NodeSettings before, read_settings(files, folder));
  // Its records would stay here, and its unsent work could no longer be sent.
  if (before.unit == UnitNo() || before.unit == ticket.grant.unit) return {};
  return Error{ErrorCode::trust_other_unit,
               {{"unit", before.unit_name}, {"other", ticket.unit_name}}};
}

Result<Ticket> init_device(Files& files, Random& random, const std::string& folder, ByteView bytes,
                           const std::string& actor, const std::string& path) {
  TRY(start_crypto());
  TRY(expect_small(bytes));
  Result<Ticket> ticket = read_ticket(bytes);
  if (!ticket.ok()) return wrong_file(ticket.error(), path, "a ticket file, *.llticket");
  const NodeFiles names(folder);
  TRY(expect_folder_for(files, folder, *ticket));
  if (files.exists(names.key)) {
    TRY_ASSIGN(const NodeSettings before, read_settings(files, folder));
    if (!actor.empty() && actor != before.actor) {
      NodeSettings now = before;
      now.actor = actor;
      TRY(write_settings(files, folder, now));
    }
    TRY(files.replace(names.ticket, bytes, true));
    return ticket;
  }
  TRY(files.make_folder(folder));
  NodeSettings settings;
  settings.actor = actor;
  TRY(write_settings(files, folder, settings));
  TRY(files.replace(names.ticket, bytes, true));
  // The key last: with it the device is made.
  TRY(files.replace(names.key, KeyPair::make(random).seed(), true));
  return ticket;
}

Result<Ticket> waiting_ticket(Files& files, const std::string& folder) {
  TRY(start_crypto());
  const NodeFiles names(folder);
  if (!files.exists(names.key)) return Error{ErrorCode::store_not_made, {{"path", folder}}};
  if (!files.exists(names.ticket)) {
    if (files.exists(names.certificate)) {
      TRY_ASSIGN(const NodeSettings settings, read_settings(files, folder));
      return Error{ErrorCode::trust_enrolled_already, {{"unit", settings.unit_name}}};
    }
    return Error{ErrorCode::trust_not_enrolled, {{"file", names.request}}};
  }
  TRY_ASSIGN(const Bytes bytes, files.read(names.ticket, limits::kEnrolmentBytesMax));
  return read_ticket(bytes);
}

Result<Bytes> enrolment_request(Files& files, Random& random, const std::string& folder) {
  TRY_ASSIGN(const Ticket ticket, waiting_ticket(files, folder));
  const NodeFiles names(folder);
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  const KeyPair key = KeyPair::from_seed(seed);
  EnrolmentRequest request;
  request.ticket = ticket.id;
  request.secret = ticket.secret;
  request.key = key.public_key();
  request.name = ticket.name;
  TRY_ASSIGN(Bytes bytes,
             write_enrolment_request(request, ticket.parent.device().key, key, random));
  TRY(files.replace(names.request, bytes, false));
  return bytes;
}

Status enrol(Files& files, const std::string& folder, ByteView bytes, const std::string& path) {
  const NodeFiles names(folder);
  TRY(expect_small(bytes));
  // After an answer the ticket is kept under another name: the same answer again is no mistake.
  const bool again = !files.exists(names.ticket) && files.exists(names.used_ticket);
  Result<Ticket> ticket = again ? Ticket{} : waiting_ticket(files, folder);
  if (again) {
    TRY(start_crypto());
    TRY_ASSIGN(const Bytes kept, files.read(names.used_ticket, limits::kEnrolmentBytesMax));
    ticket = read_ticket(kept);
  }
  if (!ticket.ok()) return ticket.error();
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  const Hash key = KeyPair::from_seed(seed).public_key();
  Result<EnrolmentAnswer> answer = read_enrolment_answer(bytes, *ticket, key);
  if (!answer.ok()) {
    return wrong_file(answer.error(), path, "a certificate file of the parent, *.llcert");
  }
  TRY_ASSIGN(NodeSettings settings, read_settings(files, folder));
  settings.unit = ticket->grant.unit;
  settings.unit_code = answer->unit_code;
  settings.unit_name = answer->unit_name;
  settings.parent_address = answer->addresses.front();
  settings.parent_key = ticket->parent.device().key;
  settings.block_first = ticket->grant.device.value;
  settings.block_size = answer->block;
  TRY(write_settings(files, folder, settings));
  TRY(files.replace(names.root_public, ticket->root, false));
  TRY(files.replace(names.certificate, answer->certificate.bytes, false));
  if (again) return {};
  // Used up: worth nothing to anybody else.
  TRY_ASSIGN(const Bytes kept, files.read(names.ticket, limits::kEnrolmentBytesMax));
  TRY(files.replace(names.used_ticket, kept, true));
  TRY(files.remove(names.ticket));
  if (files.exists(names.request)) TRY(files.remove(names.request));
  return {};
}

}  // namespace lalanh
