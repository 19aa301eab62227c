//! Counters for Prometheus.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TEXT_FORMAT,
    TextEncoder,
};

use super::later::Usage;
use crate::diag::{Code, Problem, Result};
use crate::service::EventCounts;

/// Upper bounds of the duration histogram, seconds.
const BUCKETS: &[f64] = &[
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    30.0,
];

/// Everything that `/metrics` shows.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    /// Reads that hold a database slot.
    pub(super) reads_running: IntGauge,
    /// Reads that were refused because no slot came free in time.
    pub(super) reads_refused: IntCounter,
    /// Changes that hold a database slot.
    pub(super) writes_running: IntGauge,
    /// Changes that were refused because no slot came free in time.
    pub(super) writes_refused: IntCounter,
    /// Answers that were cut off after their head was sent.
    pub(super) cut: IntCounter,
    statements: IntCounter,
    events_open: IntGauge,
    events_sent: IntCounter,
    events_cut: IntCounter,
    later_running: IntGauge,
    later_kept: IntGauge,
    later_limit: IntGauge,
    later_bytes: IntGauge,
}

/// One more while it lives.
#[derive(Debug)]
pub(super) struct Held(IntGauge);

impl Held {
    /// Adds one to a gauge.
    pub(super) fn one(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Registers everything; the limits are the numbers of database slots.
    pub(super) fn new(reads_limit: usize, writes_limit: usize) -> Result<Self> {
        Self::build(reads_limit, writes_limit).map_err(|e| {
            Problem::new(Code::Internal, "the metrics cannot be registered").log(e.to_string())
        })
    }

    fn build(reads_limit: usize, writes_limit: usize) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new("userdex_http_requests_total", "Requests answered"),
                &["route", "status"],
            )?,
            seconds: HistogramVec::new(
                HistogramOpts::new(
                    "userdex_http_request_duration_seconds",
                    "Time from a request to the head of its answer",
                )
                .buckets(BUCKETS.to_vec()),
                &["route"],
            )?,
            in_flight: IntGauge::new("userdex_http_requests_in_flight", "Requests being answered")?,
            reads_running: IntGauge::new(
                "userdex_reads_running",
                "Reads that hold a database slot",
            )?,
            reads_refused: IntCounter::new(
                "userdex_reads_refused_total",
                "Reads refused because no database slot came free in time",
            )?,
            writes_running: IntGauge::new(
                "userdex_writes_running",
                "Changes that hold a database slot",
            )?,
            writes_refused: IntCounter::new(
                "userdex_writes_refused_total",
                "Changes refused because no database slot came free in time",
            )?,
            cut: IntCounter::new(
                "userdex_answers_cut_total",
                "Answers cut off after their head was sent",
            )?,
            statements: IntCounter::new(
                "userdex_statements_total",
                "Statements that reads have run on the database",
            )?,
            events_open: IntGauge::new("userdex_event_streams", "Streams of events that are open")?,
            events_sent: IntCounter::new("userdex_events_sent_total", "Events handed to streams")?,
            events_cut: IntCounter::new(
                "userdex_event_streams_cut_total",
                "Streams of events cut off because their clients did not read",
            )?,
            later_running: IntGauge::new(
                "userdex_asynchronous_running",
                "Asynchronous requests whose work goes on",
            )?,
            later_kept: IntGauge::new(
                "userdex_asynchronous_kept",
                "Asynchronous requests whose result waits to be fetched",
            )?,
            later_limit: IntGauge::new(
                "userdex_asynchronous_limit",
                "Asynchronous requests that may be there at once",
            )?,
            later_bytes: IntGauge::new(
                "userdex_asynchronous_bytes",
                "Bytes of results of asynchronous requests",
            )?,
            registry,
        };
        let limit = IntGauge::new("userdex_reads_limit", "Database slots for reads")?;
        limit.set(i64::try_from(reads_limit).unwrap_or(i64::MAX));
        let writes = IntGauge::new("userdex_writes_limit", "Database slots for changes")?;
        writes.set(i64::try_from(writes_limit).unwrap_or(i64::MAX));
        let build = Opts::new("userdex_build_info", "Always 1; the label is the version")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        let build = IntGauge::with_opts(build)?;
        build.set(1);
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.seconds.clone()))?;
        registry.register(Box::new(metrics.in_flight.clone()))?;
        registry.register(Box::new(metrics.reads_running.clone()))?;
        registry.register(Box::new(metrics.reads_refused.clone()))?;
        registry.register(Box::new(metrics.writes_running.clone()))?;
        registry.register(Box::new(metrics.writes_refused.clone()))?;
        registry.register(Box::new(metrics.cut.clone()))?;
        registry.register(Box::new(metrics.statements.clone()))?;
        registry.register(Box::new(metrics.events_open.clone()))?;
        registry.register(Box::new(metrics.events_sent.clone()))?;
        registry.register(Box::new(metrics.events_cut.clone()))?;
        for gauge in [
            &metrics.later_running,
            &metrics.later_kept,
            &metrics.later_limit,
            &metrics.later_bytes,
        ] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(limit))?;
        registry.register(Box::new(writes))?;
        registry.register(Box::new(build))?;
        Ok(metrics)
    }

    /// A request has come in; it counts as being answered until the value is dropped.
    pub(super) fn arrive(&self) -> Held {
        Held::one(&self.in_flight)
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: &str, status: StatusCode, took: Duration) {
        self.requests
            .with_label_values(&[route, status.as_str()])
            .inc();
        self.seconds
            .with_label_values(&[route])
            .observe(took.as_secs_f64());
    }

    /// The answer of `/metrics`: how many statements the store has run until now, what became of
    /// streams of events, and how many answers come later, others have counted.
    pub(super) fn page(
        &self,
        (statements, events): (u64, EventCounts),
        later: Usage,
    ) -> Result<HttpResponse> {
        for (counter, now) in [
            (&self.statements, statements),
            (&self.events_sent, events.sent),
            (&self.events_cut, events.cut),
        ] {
            counter.inc_by(now.saturating_sub(counter.get()));
        }
        let set = |gauge: &IntGauge, now: usize| gauge.set(i64::try_from(now).unwrap_or(i64::MAX));
        set(&self.events_open, events.open);
        set(&self.later_running, later.running);
        set(&self.later_kept, later.kept);
        set(&self.later_limit, later.most);
        self.later_bytes
            .set(i64::try_from(later.bytes).unwrap_or(i64::MAX));
        let text = TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|e| {
                Problem::new(Code::Internal, "the metrics cannot be written").log(e.to_string())
            })?;
        Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, TEXT_FORMAT))
            .body(text))
    }
}
