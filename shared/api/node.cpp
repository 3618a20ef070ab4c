#include "shared/api/node.h"

#include <algorithm>

#include "shared/accounts/audit.h"
#include "shared/accounts/desk.h"
#include "shared/api/api.h"
#include "shared/api/backup.h"
#include "shared/api/reference.h"
#include "shared/register/register.h"
#include "shared/register/register_projection.h"
#include "shared/report/report.h"
#include "shared/store/ticket_ledger.h"

namespace lalanh {

struct NodeParts {
  NodeOptions options;
  std::recursive_mutex mutex;
  std::unique_ptr<FileLock> file_lock;
  NodeSettings settings;
  std::unique_ptr<KeyPair> key;
  std::unique_ptr<Store> store;
  FieldWords words{Catalogue::builtin()};
  std::unique_ptr<ClassRules> rules;
  std::unique_ptr<RegisterProjection> projection;
  std::unique_ptr<Counters> counters;
  ReferenceWatch reference;
  UnitTree tree;
  std::unique_ptr<ReportOrder> order;
  std::unique_ptr<Register> registry;
  SyncStarter* starter = nullptr;
  BundleWork* bundles = nullptr;
  std::unique_ptr<Audit> audit;

  /// After each commit: where the reference channel has changed, the tree follows, and what waited
  /// for it is folded.
  Status after_commit() {
    if (!reference.changed()) return {};
    TRY_ASSIGN(std::vector<UnitFact> facts, read_unit_facts(*store, words));
    tree.reset(std::move(facts));
    order.reset();
    reference.followed();  // before what is folded now is committed, which comes here too
    // What was written is durable, whatever becomes of this: it is tried again after the next.
    if (!store->tree_changed().ok()) reference.follow_again();
    return {};
  }
};

namespace {

/// All of it or nothing, over a power cut too: the file is replaced by an encrypted copy.
Status encrypt_in_place(Files& files, const std::string& path, const DatabaseSecret& secret) {
  constexpr std::size_t kPieceBytes = 1'024 * 1'024;
  const std::string copy = path + ".new";
  TRY(files.remove(copy));  // of a try that was cut short
  const Status copied = encrypted_copy(path, copy, secret.key, secret.cipher);
  // It is encrypted already, or damaged: whoever opens it next says so.
  if (!copied.ok() && copied.error().code == ErrorCode::store_wrong_key) return {};
  TRY(copied);
  {
    TRY_ASSIGN(const std::unique_ptr<ByteSource> from, files.open(copy));
    TRY_ASSIGN(const std::unique_ptr<ByteSink> to, files.create(path));
    Bytes piece;
    for (std::uint64_t at = 0; at < from->size(); at += piece.size()) {
      const std::uint64_t left = from->size() - at;
      piece.resize(left < kPieceBytes ? static_cast<std::size_t>(left) : kPieceBytes);
      TRY(from->read(at, piece));
      TRY(to->write(piece));
    }
    TRY(to->finish());
  }
  return files.remove(copy);
}

/// The record of reading of a machine that had no users yet: from now on it is opened with a key.
Status encrypt_audit(NodeParts& parts, const DatabaseSecret& secret) {
  const std::string path = audit_path(parts.options.folder);
  if (!parts.options.files->exists(path)) return {};
  return encrypt_in_place(*parts.options.files, path,
                          {parts.options.desk->audit_key(), secret.cipher, true});
}

/// Opens the database with the desk's key. That key is known to be right, for the accounts opened
/// with it: a file that it does not open is damaged, or lies in the clear still.
Status open_locked(NodeParts& parts, StoreOptions& options) {
  Desk* desk = parts.options.desk;
  DatabaseSecret secret;
  if (desk != nullptr) secret = desk->database();
  options.database.key = secret.key;
  if (!secret.key.empty()) options.database.cipher = secret.cipher;
  if (!secret.key.empty() && secret.may_be_plain) TRY(encrypt_audit(parts, secret));
  Result<std::unique_ptr<Store>> store = Store::open(options);
  const std::string& path = options.database.path;
  const bool wrong = !store.ok() && store.error().code == ErrorCode::store_wrong_key;
  if (wrong && secret.key.empty()) return store.error();
  if (wrong && secret.may_be_plain) {
    TRY(encrypt_in_place(*parts.options.files, path, secret));
    store = Store::open(options);
  }
  if (!store.ok() && store.error().code == ErrorCode::store_wrong_key) {
    return Error{ErrorCode::store_corrupt,
                 {{"path", path}, {"why", "its own key does not open it"}}};
  }
  if (!store.ok()) return store.error();
  parts.store = std::move(*store);
  if (!secret.key.empty() && secret.may_be_plain) return desk->database_encrypted();
  return {};
}

Status open_store(NodeParts& parts, const NodeFiles& names) {
  Files& files = *parts.options.files;
  StoreOptions options;
  options.database.path = names.database;
  options.database.create = true;
  options.database.cache_kib = parts.options.cache_kib;
  options.clock = parts.options.clock;
  options.random = parts.options.random;
  options.key = parts.key.get();
  TRY_ASSIGN(options.root_key, read_key_file(files, names.root_public));
  TRY_ASSIGN(const Bytes certificate, files.read(names.certificate, limits::kCertificateBytesMax));
  TRY_ASSIGN(options.certificate, read_certificate(certificate, options.root_key));
  if (options.certificate.device().key != parts.key->public_key()) {
    return Error{ErrorCode::trust_bad_certificate, {{"why", "it is for another key"}}};
  }
  const DeviceNo device = options.certificate.device().device;
  options.before_upgrade = [&parts, device]() -> Status {
    const BackupOf of{parts.options, parts.settings, *parts.key, device};
    const Result<BackupMade> made = make_automatic_backup(of, true);
    return made.ok() ? Status() : Status(made.error());
  };
  return open_locked(parts, options);
}

/// A server that may certify compares heads before it gives anything out. Whether a command may go
/// by what was known before shows a file beside the database: whoever copies either of them back
/// changes when the file was made, and the database says when that was.
Status open_generation(NodeParts& parts, const NodeFiles& names) {
  Store& store = *parts.store;
  if ((store.own_certificate().device().rights & kCertify) == 0) return {};
  StoreCore& core = store.core();
  TRY_ASSIGN(const bool issued, TicketLedger(core).any_issued());
  const bool alone = parts.settings.parent_key == Hash{} && !issued;
  Files& files = *parts.options.files;
  TRY_ASSIGN(const std::string noted, core.meta_text("generation_mark"));
  TRY_ASSIGN(const std::int64_t before, core.meta("generation_sure", 0));
  const Result<std::string> found = files.change_mark(names.generation);
  const bool sure = alone || (before != 0 && found.ok() && !noted.empty() && *found == noted);
  Hash content{};
  parts.options.random->fill(content);
  TRY(files.replace(names.generation, as_bytes(to_hex(content) + "\n"), false));
  const Result<std::string> mark = files.change_mark(names.generation);
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core.db));
  TRY(core.set_meta_text("generation_mark", mark.ok() ? *mark : std::string()));
  TRY(core.set_meta("generation_sure", sure ? 1 : 0));
  TRY(transaction.commit());
  if (!sure || (parts.options.starts_server && !alone)) store.expect_comparison();
  return {};
}

Status open_projections(NodeParts& parts) {
  Store& store = *parts.store;
  TRY(parts.words.prepare(store));
  parts.rules = std::make_unique<ClassRules>(parts.words, RulePacks::builtin());
  parts.projection = std::make_unique<RegisterProjection>(store, parts.words, *parts.rules);
  parts.counters = std::make_unique<Counters>(store);
  parts.projection->observe(parts.counters.get());
  store.add_projection(parts.projection.get());
  store.add_projection(&parts.reference);
  TRY(store.prepare_projections());
  TRY(parts.projection->open());
  TRY(parts.counters->open());
  TRY_ASSIGN(std::vector<UnitFact> facts, read_unit_facts(store, parts.words));
  parts.tree.reset(std::move(facts));
  store.set_tree([&parts]() -> const UnitTree& { return parts.tree; });
  store.set_after_commit([&parts]() { return parts.after_commit(); });
  parts.registry = std::make_unique<Register>(store, parts.words);
  return store.tree_changed();
}

}  // namespace

Node::Node(std::unique_ptr<NodeParts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(const NodeOptions& options) {
  TRY(start_crypto());
  auto parts = std::make_unique<NodeParts>();
  parts->options = options;
  const NodeFiles names(options.folder);
  Files& files = *options.files;
  if (!files.exists(names.key)) {
    if (!files.exists(names.certificate) && !files.exists(names.database)) {
      return Error{ErrorCode::store_not_made, {{"path", options.folder}}};
    }
    return Error{ErrorCode::system_file,
                 {{"path", names.key}, {"action", "read"}, {"why", "No such file or directory"}}};
  }
  if (options.desk != nullptr && options.desk->locked()) return Error{ErrorCode::accounts_sign_in};
  TRY_ASSIGN(parts->settings, read_settings(files, options.folder));
  if (!files.exists(names.certificate)) {
    return Error{ErrorCode::trust_not_enrolled, {{"file", names.request}}};
  }
  // The lock's file is made at the first opening, and the database with it.
  if (!options.rebuild && files.exists(names.lock) && !files.exists(names.database)) {
    return Error{ErrorCode::store_gone, {{"path", names.database}}};
  }
  Result<std::unique_ptr<FileLock>> file_lock = files.lock(names.lock);
  if (!file_lock.ok()) {
    if (file_lock.error().code != ErrorCode::store_locked) return file_lock.error();
    return Error{ErrorCode::store_locked, {{"path", options.folder}}};
  }
  parts->file_lock = std::move(*file_lock);
  if (options.desk != nullptr) TRY(options.desk->refresh());
  TRY_ASSIGN(const Hash seed, read_key_file(files, names.key));
  parts->key = std::make_unique<KeyPair>(KeyPair::from_seed(seed));
  TRY(open_store(*parts, names));
  TRY(open_generation(*parts, names));
  TRY(open_projections(*parts));
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

ApiReply Node::handle(const ApiRequest& request) { return handle_api(*this, request); }

void Node::set_sync_starter(SyncStarter* starter) { parts_->starter = starter; }
SyncStarter* Node::sync_starter() { return parts_->starter; }
void Node::set_bundles(BundleWork* bundles) { parts_->bundles = bundles; }
BundleWork* Node::bundles() { return parts_->bundles; }
Desk* Node::desk() { return parts_->options.desk; }

Result<Audit*> Node::audit() {
  if (parts_->audit == nullptr) {
    const Desk* desk = parts_->options.desk;
    TRY_ASSIGN(
        parts_->audit,
        Audit::open(parts_->options.folder, desk == nullptr ? Bytes() : desk->audit_key(),
                    desk == nullptr ? "" : desk->database().cipher, parts_->options.clock->now()));
  }
  return parts_->audit.get();
}

std::unique_lock<std::recursive_mutex> Node::lock() {
  return std::unique_lock<std::recursive_mutex>(parts_->mutex);
}

void Node::unlocked(const std::function<void()>& work) {
  /// Whichever way the work ends: the caller's lock thinks that it has the mutex.
  struct Relock {
    explicit Relock(std::recursive_mutex& m) : mutex(m) { mutex.unlock(); }
    ~Relock() { mutex.lock(); }
    Relock(const Relock&) = delete;
    Relock& operator=(const Relock&) = delete;
    std::recursive_mutex& mutex;
  };
  const Relock relock(parts_->mutex);
  work();
}
Store& Node::store() { return *parts_->store; }
const KeyPair& Node::key() const { return *parts_->key; }
const NodeOptions& Node::options() const { return parts_->options; }
const NodeSettings& Node::settings() const { return parts_->settings; }
bool Node::is_top() const { return parts_->settings.parent_key == Hash{}; }

Result<TimeMs> Node::refused() {
  TRY_ASSIGN(const std::int64_t at, store().core().meta("refused_ms", 0));
  return TimeMs(at);
}

Status Node::note_refused(bool refused) {
  TRY_ASSIGN(const TimeMs before, this->refused());
  if ((before.value != 0) == refused) return {};
  return store().core().set_meta("refused_ms", refused ? options().clock->now().value : 0);
}

Status Node::say_newest() { return parts_->store->note_compared(); }

Status Node::change_settings(const NodeSettings& settings) {
  TRY(write_settings(*parts_->options.files, parts_->options.folder, settings));
  parts_->settings = settings;
  return {};
}

const UnitTree& Node::tree() const { return parts_->tree; }
Date Node::today() const { return vietnam_date(parts_->options.clock->now()); }

const ReportOrder& Node::order(const Date& day) {
  if (parts_->order != nullptr && parts_->order->day() == day) return *parts_->order;
  if (parts_->tree.knows(parts_->settings.unit)) {
    parts_->order = std::make_unique<ReportOrder>(parts_->tree, day);
    return *parts_->order;
  }
  // Before the first sync there is no tree; of its own unit a node knows what its certificate said.
  UnitFact own;
  own.unit = parts_->settings.unit;
  own.code = parts_->settings.unit_code;
  own.name = parts_->settings.unit_name;
  own.valid_from = day;
  own.level = static_cast<UnitLevel>(parts_->store->own_certificate().device().rank.value);
  UnitTree alone;
  alone.reset({own});
  parts_->order = std::make_unique<ReportOrder>(alone, day);
  return *parts_->order;
}

Register& Node::registry() { return *parts_->registry; }
Counters& Node::counters() { return *parts_->counters; }
const FieldWords& Node::words() const { return parts_->words; }
const ClassRules& Node::rules() const { return *parts_->rules; }

}  // namespace lalanh
