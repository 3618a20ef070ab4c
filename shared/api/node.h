#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "shared/api/http.h"
#include "shared/api/settings.h"
#include "shared/base/calendar.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/store/sync_store.h"

namespace lalanh {

class Store;
class Audit;
class Counters;
class FieldWords;
class Register;
class ReportOrder;
class BundleWork;
class ClassRules;
class Desk;
class UnitTree;
struct NodeParts;

/// Where a node's files lie (`NodeFiles`) and what it stands on. The pointers outlive the node.
struct NodeOptions {
  std::string folder;  ///< UTF-8
  Clock* clock = nullptr;
  Random* random = nullptr;
  Files* files = nullptr;
  std::string version;    ///< of the program, shown in status
  int cache_kib = 4'096;  ///< page cache of the database
  /// Who may come in, and the key of the database; nullptr: whoever has the folder.
  Desk* desk = nullptr;
  /// The database was put aside on purpose: an empty one is made.
  bool rebuild = false;
  /// Asked during long work, which ends early then; may be empty.
  std::function<bool()> stopped;
  /// A server that starts: it may have been put back to an older copy, so that it gives out
  /// nothing until it has compared heads. A command alone goes by what the one before it knew.
  bool starts_server = false;
};

/// Port: starts a sync with the parent; filled by client and server (they own sockets).
class SyncStarter {
 public:
  virtual ~SyncStarter() = default;
  /// Runs one sync now, in the caller's thread, without the node's lock held. sync.* errors;
  /// sync.running where one is under way.
  virtual Result<SyncSummary> sync_now(
      const std::function<void(const SyncProgress&)>& progress) = 0;
  /// How far the running sync is; nothing where none runs. Any thread.
  virtual std::optional<SyncProgress> running() = 0;
};

/// One database with its keys, projections and API: the one place that puts them together.
/// Thread-safe: one lock around each call; calls are short and bounded.
class Node {
 public:
  /// Opens an existing, enrolled node for writing: takes the lock, draws a new epoch, rebuilds what
  /// is out of date. store.*, trust.not_enrolled; store.gone where the database was
  /// there before; store.locked where another program has it; accounts.sign_in while the desk is
  /// locked. A database that lies in the clear though it has accounts is encrypted here.
  static Result<std::unique_ptr<Node>> open(const NodeOptions& options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The JSON API. Never throws; every failure is a reply with a typed error. POST /api/sync runs
  /// in the caller's thread and holds the lock only for its database calls.
  ApiReply handle(const ApiRequest& request);
  /// Set once before the first request; not owned.
  void set_sync_starter(SyncStarter* starter);
  void set_bundles(BundleWork* bundles);  ///< likewise

  /// Guards all below; recursive.
  std::unique_lock<std::recursive_mutex> lock();
  /// Runs work that needs nothing below without the lock, which the caller holds once, and again
  /// when it ends, by an exception too.
  void unlocked(const std::function<void()>& work);
  Store& store();
  const KeyPair& key() const;
  const NodeOptions& options() const;
  const NodeSettings& settings() const;
  /// The operator's word that this database is the newest there is.
  Status say_newest();
  /// Has no parent: the province's server.
  bool is_top() const;
  /// When the parent first answered that this machine's key is revoked; zero: it works with it.
  Result<TimeMs> refused();
  Status note_refused(bool refused);
  /// Durable, then in force.
  Status change_settings(const NodeSettings& settings);
  const UnitTree& tree() const;
  /// The tree of a day in report order; kept until the tree or the day changes.
  const ReportOrder& order(const Date& day);
  Date today() const;
  Register& registry();
  Counters& counters();
  const FieldWords& words() const;
  const ClassRules& rules() const;
  SyncStarter* sync_starter();
  BundleWork* bundles();
  Desk* desk();
  /// The record of who read and exported what; opened when it is first needed.
  Result<Audit*> audit();

 private:
  explicit Node(std::unique_ptr<NodeParts> parts);
  std::unique_ptr<NodeParts> parts_;
};

}  // namespace lalanh
