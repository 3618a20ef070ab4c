#include "shared/api/front.h"

#include "shared/api/session.h"

namespace lalanh {

Front::Front(const NodeOptions& options, Desk& desk, Opened opened)
    : options_(options), desk_(desk), opened_(std::move(opened)) {
  options_.desk = &desk;
}

Result<std::unique_ptr<Front>> Front::open(const NodeOptions& options, Desk& desk, Opened opened) {
  std::unique_ptr<Front> out(new Front(options, desk, std::move(opened)));
  if (!desk.locked()) TRY(out->open_node());
  return out;
}

Status Front::open_node() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (node_ != nullptr) return {};
  TRY_ASSIGN(node_, Node::open(options_));
  opened_(*node_);
  return {};
}

Node* Front::node() {
  const std::lock_guard<std::mutex> guard(mutex_);
  return node_.get();
}

ApiReply Front::handle(const ApiRequest& request) {
  if (Node* open = node(); open != nullptr) return open->handle(request);
  if (request.path != "/api/session") return error_reply(Error(ErrorCode::accounts_sign_in));
  ApiReply reply = answer_session(&desk_, request);
  if (desk_.locked() || !reply.session || reply.session->empty()) return reply;
  const Status opened = open_node();
  if (opened.ok()) return reply;
  desk_.sign_out(*reply.session);
  return error_reply(opened.error());
}

}  // namespace lalanh
