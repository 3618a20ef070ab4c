#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/timed_socket.h"

namespace lalanh::server {

/// A value that something else than the HTTP server knows: events that wait, the last sync-up.
struct Gauge {
  std::string name;  ///< as Prometheus has it, such as "lalanhd_waiting_events"
  std::string help;
  double value = 0;
  bool counter = false;  ///< only ever goes up
};

/// One request that was answered, or given up.
struct RequestNote {
  std::string_view route;  ///< of a short list
  int status = 0;          ///< 0: no reply could be sent
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;
  std::int64_t ms = 0;
};

/// What a running server counts, as Prometheus text. Holds no names and no paths that a client
/// could invent, so it cannot grow. Thread-safe.
class Metrics {
 public:
  void count(const RequestNote& note);
  void count_handshake(Handshake how);
  /// A sync request that was told to come again.
  void count_busy();
  /// A push whose link was cut in the middle.
  void count_cut_push();
  /// An error of a sync request, by its stable name.
  void count_sync_error(const std::string& name);

  /// The text format 0.0.4 of all counters and of `gauges`.
  std::string text(const std::vector<Gauge>& gauges) const;

 private:
  /// We have a dozen; more would be a client's invention.
  static constexpr std::size_t kRoutesMax = 40;
  static constexpr std::array<std::int64_t, 10> kBucketsMs = {1,   5,     10,    50,     100,
                                                              500, 1'000, 5'000, 10'000, 60'000};
  struct Route {
    std::map<int, std::uint64_t> by_status;
    std::array<std::uint64_t, kBucketsMs.size() + 1> by_time{};
    std::uint64_t count = 0;
    std::int64_t ms = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
  };

  void put_requests(std::string& out) const;
  void put_times(std::string& out) const;
  void put_sync(std::string& out) const;
  void put_handshakes(std::string& out) const;

  mutable std::mutex mutex_;
  std::map<std::string, Route, std::less<>> routes_;
  std::map<std::string, std::uint64_t> sync_errors_;
  std::map<Handshake, std::uint64_t> handshakes_;
  std::uint64_t busy_ = 0;
  std::uint64_t cut_pushes_ = 0;
};

}  // namespace lalanh::server
