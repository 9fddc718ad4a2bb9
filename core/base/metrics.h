#pragma once

#include <memory>
#include <string>
#include <vector>

namespace ekiden {

// Handles to metrics that live in a Registry. Cheap to copy; any thread may use them.
class Counter {
 public:
  void add(double amount = 1);
  double value() const;

 private:
  friend class Registry;
  explicit Counter(void* impl) : impl_(impl) {}
  void* impl_;
};

class Gauge {
 public:
  void set(double value);
  double value() const;

 private:
  friend class Registry;
  explicit Gauge(void* impl) : impl_(impl) {}
  void* impl_;
};

class Histogram {
 public:
  void observe(double value);

 private:
  friend class Registry;
  explicit Histogram(void* impl) : impl_(impl) {}
  void* impl_;
};

// One per daemon, owned by its composition root. Each metric is declared once, in the daemon's
// metrics.h, with its name and help. Only metrics.cpp knows prometheus-cpp.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter counter(const std::string& name, const std::string& help);
  Gauge gauge(const std::string& name, const std::string& help);
  Histogram histogram(const std::string& name, const std::string& help,
                      std::vector<double> bounds);
  // The Prometheus text exposition format of everything registered.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden
