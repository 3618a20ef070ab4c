#include "tools/bench/figure.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "shared/catalogue/json_writer.h"

namespace lalanh::bench {
namespace {

std::string number(double value) {
  char text[64];
  const char* form = value >= 1'000 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f";
  std::snprintf(text, sizeof text, form, value);
  return text;
}

}  // namespace

std::optional<double> Figure::ratio() const {
  if (!bound || *bound == 0) return std::nullopt;
  return value / *bound;
}

bool Figure::met() const {
  if (!goal) return true;
  const double reached = ratio().value_or(value);
  return at_least ? reached >= *goal : reached <= *goal;
}

std::string to_json(const Figure& figure) {
  std::string out;
  JsonWriter json(out);
  const auto real = [&](const char* key, const std::optional<double>& value) {
    json.key(key).raw(value ? number(*value) : "null");
  };
  json.begin_object().text("figure", figure.name);
  real("value", figure.value);
  json.text("unit", figure.unit);
  real("bound", figure.bound);
  real("ratio", figure.ratio());
  real("goal", figure.goal);
  json.boolean("met", figure.met());
  if (!figure.note.empty()) json.text("note", figure.note);
  json.end_object();
  return out;
}

std::string to_line(const Figure& figure) {
  std::string out = figure.name;
  out.resize((std::max)(out.size() + 1, std::size_t{24}), ' ');
  out += number(figure.value) + " " + figure.unit;
  if (figure.bound) {
    out += ", bound " + number(*figure.bound) + ", ratio " + number(*figure.ratio());
  }
  if (figure.goal) {
    out += std::string(", goal ") + (figure.at_least ? "at least " : "at most ") +
           number(*figure.goal) + (figure.met() ? ": met" : ": NOT met");
  }
  if (!figure.note.empty()) out += "  (" + figure.note + ")";
  return out;
}

double median(std::vector<double> values) {
  CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Result<double> timed(const std::function<Status()>& work) {
  const auto start = std::chrono::steady_clock::now();
  TRY(work());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace lalanh::bench
