#include "server/http/metrics.h"

#include <charconv>

namespace lalanh::server {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string seconds(std::int64_t ms) { return number(static_cast<double>(ms) / 1'000.0); }

void head(std::string& out, std::string_view name, std::string_view kind, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void line(std::string& out, std::string_view name, std::string_view labels,
          std::string_view value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

std::string label(std::string_view name, std::string_view value) {
  return std::string(name).append("=\"").append(value).append("\"");
}

/// What failed handshakes are counted as; the others are not.
constexpr std::pair<Handshake, std::string_view> kFailed[] = {
    {Handshake::kTimeout, "timeout"},
    {Handshake::kNotTls, "not_tls"},
    {Handshake::kRefused, "refused"},
    {Handshake::kClosed, "closed"},
};

}  // namespace

void Metrics::count_handshake(Handshake how) {
  const std::lock_guard lock(mutex_);
  ++handshakes_[how];
}

void Metrics::count(const RequestNote& note) {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(note.route);
  const bool full = routes_.size() >= kRoutesMax;
  Route& route =
      found != routes_.end() ? found->second : routes_[full ? "other" : std::string(note.route)];
  ++route.by_status[note.status];
  ++route.count;
  route.ms += note.ms;
  route.bytes_in += note.bytes_in;
  route.bytes_out += note.bytes_out;
  std::size_t bucket = 0;
  while (bucket < kBucketsMs.size() && note.ms > kBucketsMs[bucket]) ++bucket;
  ++route.by_time[bucket];
}

void Metrics::count_busy() {
  const std::lock_guard lock(mutex_);
  ++busy_;
}

void Metrics::count_cut_push() {
  const std::lock_guard lock(mutex_);
  ++cut_pushes_;
}

void Metrics::count_sync_error(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++sync_errors_[name];
}

void Metrics::put_requests(std::string& out) const {
  head(out, "lalanhd_http_requests_total", "counter", "Requests by route and status; 0: no reply.");
  for (const auto& [name, route] : routes_) {
    for (const auto& [status, count] : route.by_status) {
      line(out, "lalanhd_http_requests_total",
           label("route", name) + "," + label("status", std::to_string(status)),
           std::to_string(count));
    }
  }
  head(out, "lalanhd_http_received_bytes_total", "counter", "Bytes of requests, heads included.");
  for (const auto& [name, route] : routes_) {
    line(out, "lalanhd_http_received_bytes_total", label("route", name),
         std::to_string(route.bytes_in));
  }
  head(out, "lalanhd_http_sent_bytes_total", "counter", "Bytes of replies, heads included.");
  for (const auto& [name, route] : routes_) {
    line(out, "lalanhd_http_sent_bytes_total", label("route", name),
         std::to_string(route.bytes_out));
  }
}

void Metrics::put_times(std::string& out) const {
  constexpr std::string_view kName = "lalanhd_http_request_seconds";
  head(out, kName, "histogram", "From the end of the head to the end of the reply.");
  for (const auto& [name, route] : routes_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBucketsMs.size(); ++i) {
      below += route.by_time[i];
      const std::string bound = i < kBucketsMs.size() ? seconds(kBucketsMs[i]) : "+Inf";
      line(out, std::string(kName) + "_bucket", label("route", name) + "," + label("le", bound),
           std::to_string(below));
    }
    line(out, std::string(kName) + "_sum", label("route", name), seconds(route.ms));
    line(out, std::string(kName) + "_count", label("route", name), std::to_string(route.count));
  }
}

void Metrics::put_sync(std::string& out) const {
  head(out, "lalanhd_sync_busy_total", "counter", "Sync requests that were told to come again.");
  line(out, "lalanhd_sync_busy_total", "", std::to_string(busy_));
  head(out, "lalanhd_sync_cut_pushes_total", "counter", "Pushes whose link was cut on the way.");
  line(out, "lalanhd_sync_cut_pushes_total", "", std::to_string(cut_pushes_));
  head(out, "lalanhd_sync_errors_total", "counter", "Sync requests answered with an error.");
  for (const auto& [name, count] : sync_errors_) {
    line(out, "lalanhd_sync_errors_total", label("error", name), std::to_string(count));
  }
}

void Metrics::put_handshakes(std::string& out) const {
  const auto count = [&](Handshake how) {
    const auto found = handshakes_.find(how);
    return std::to_string(found == handshakes_.end() ? 0 : found->second);
  };
  head(out, "lalanhd_tls_handshakes_total", "counter", "TLS handshakes that were completed.");
  line(out, "lalanhd_tls_handshakes_total", "", count(Handshake::kDone));
  head(out, "lalanhd_tls_handshakes_failed_total", "counter", "TLS handshakes that failed.");
  for (const auto& [how, name] : kFailed) {
    line(out, "lalanhd_tls_handshakes_failed_total", label("why", name), count(how));
  }
}

std::string Metrics::text(const std::vector<Gauge>& gauges) const {
  std::string out;
  {
    const std::lock_guard lock(mutex_);
    put_requests(out);
    put_times(out);
    put_sync(out);
    put_handshakes(out);
  }
  for (const Gauge& gauge : gauges) {
    head(out, gauge.name, gauge.counter ? "counter" : "gauge", gauge.help);
    line(out, gauge.name, "", number(gauge.value));
  }
  return out;
}

}  // namespace lalanh::server
