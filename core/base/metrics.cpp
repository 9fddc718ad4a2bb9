#include "core/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace ekiden {

struct Registry::Impl {
  prometheus::Registry registry;
};

void Counter::add(double amount) {
  static_cast<prometheus::Counter*>(impl_)->Increment(amount);
}

double Counter::value() const {
  return static_cast<prometheus::Counter*>(impl_)->Value();
}

void Gauge::set(double value) {
  static_cast<prometheus::Gauge*>(impl_)->Set(value);
}

double Gauge::value() const {
  return static_cast<prometheus::Gauge*>(impl_)->Value();
}

void Histogram::observe(double value) {
  static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

Registry::Registry() : impl_(std::make_unique<Impl>()) {}

Registry::~Registry() = default;

Counter Registry::counter(const std::string& name, const std::string& help) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
  return Counter(&family.Add({}));
}

Gauge Registry::gauge(const std::string& name, const std::string& help) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
  return Gauge(&family.Add({}));
}

Histogram Registry::histogram(const std::string& name, const std::string& help,
                              std::vector<double> bounds) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
  return Histogram(&family.Add({}, std::move(bounds)));
}

std::string Registry::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace ekiden
