//! Answers that come later, by a clock of their own.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::job::{Job, Outcome, Whose};
use super::jobs::Jobs;
use super::settings::LaterSettings;
use crate::diag::{Code, Result};
use crate::service::{Flow, Head, ODataVersion, Output as _, Timings};
use crate::value::Timestamp;

const ANN: Whose = whose(1, 1);
const BOB: Whose = whose(2, 1);

const fn whose(user: u128, sight: u128) -> Whose {
    Whose {
        user: Some(Uuid::from_u128(user)),
        sight: Uuid::from_u128(sight),
    }
}

fn minute(n: i64) -> Timestamp {
    Timestamp::from_micros(n * 60_000_000)
}

fn jobs(settings: LaterSettings) -> Jobs {
    Jobs::new(settings).unwrap()
}

fn begin(jobs: &Jobs, n: u128, whose: Whose, at: i64) -> Result<Arc<Job>> {
    jobs.begin(Uuid::from_u128(n), whose, ODataVersion::V4, minute(at))
}

fn name(job: &Job) -> String {
    job.id.to_string()
}

fn head() -> Head {
    Head {
        status: 200,
        content_type: None,
        etag: None,
        covered: false,
        odata_version: "4.0",
        preference_applied: None,
        length: None,
        timings: Timings::default(),
    }
}

/// Writes a result of so many bytes.
fn write(jobs: &Jobs, job: &Arc<Job>, bytes: usize) -> Result<Flow> {
    let mut spool = jobs.spool(job)?;
    spool.head(head())?;
    let flow = spool.chunk(Bytes::from(vec![7; bytes]))?;
    job.end(spool.kept());
    Ok(flow)
}

#[test]
fn they_live_for_a_while_and_for_their_caller() {
    let jobs = jobs(LaterSettings::default());
    let job = begin(&jobs, 7, ANN, 0).unwrap();
    let find = |whose, at| {
        jobs.find(&name(&job), whose, minute(at))
            .map_err(|p| p.code())
    };
    assert!(find(ANN, 0).is_ok());
    assert_eq!(find(BOB, 0).unwrap_err(), Code::NotFound);
    assert_eq!(find(whose(1, 2), 0).unwrap_err(), Code::Gone);
    assert_eq!(write(&jobs, &job, 10).unwrap(), Flow::More);
    assert!(find(ANN, 29).is_ok());
    assert!(!job.is_stopped());
    assert_eq!(find(ANN, 30).unwrap_err(), Code::NotFound);
    // Whoever still holds it learns that it is over.
    assert!(job.is_stopped());
    assert!(jobs.find("x", ANN, minute(0)).is_err());
}

#[test]
fn what_has_outlived_its_time_goes_also_where_nobody_asks() {
    let jobs = jobs(LaterSettings::default());
    let (old, new) = (begin(&jobs, 1, ANN, 0), begin(&jobs, 2, ANN, 10));
    jobs.sweep(minute(30));
    assert!(old.unwrap().is_stopped());
    assert!(!new.unwrap().is_stopped());
}

#[test]
fn work_ends_when_nobody_wants_it() {
    let jobs = jobs(LaterSettings::default());
    let job = begin(&jobs, 1, ANN, 0).unwrap();
    let mut spool = jobs.spool(&job).unwrap();
    spool.head(head()).unwrap();
    assert_eq!(spool.chunk(Bytes::from_static(b"a")).unwrap(), Flow::More);
    assert!(spool.is_wanted());
    let foreign = jobs.cancel(&name(&job), BOB, minute(0));
    assert_eq!(foreign.unwrap_err().code(), Code::NotFound);
    // Who sees less by now may still end what they have begun.
    jobs.cancel(&name(&job), whose(1, 2), minute(0)).unwrap();
    assert!(!spool.is_wanted());
    assert_eq!(spool.chunk(Bytes::from_static(b"b")).unwrap(), Flow::Stop);
    job.end(spool.kept());
    assert!(job.outcome().is_none(), "a part is no result");
}

#[test]
fn a_server_that_stops_ends_all_and_begins_none() {
    let jobs = jobs(LaterSettings::default());
    let job = begin(&jobs, 1, ANN, 0).unwrap();
    jobs.stop();
    assert!(job.is_stopped());
    assert_eq!(write(&jobs, &job, 10).unwrap(), Flow::Stop);
    let late = begin(&jobs, 2, ANN, 0);
    assert_eq!(late.unwrap_err().code(), Code::ServiceUnavailable);
}

#[test]
fn what_is_on_its_way_comes_to_its_end() {
    let jobs = jobs(LaterSettings::default());
    let job = begin(&jobs, 1, ANN, 0).unwrap();
    write(&jobs, &job, 10).unwrap();
    let fetched = job.fetch().unwrap();
    jobs.stop();
    assert!(!job.is_stopped());
    drop(fetched);
}

#[test]
fn room_is_given_back() {
    let settings = LaterSettings {
        bytes: 60,
        total_bytes: 100,
        per_caller: 9,
        ..LaterSettings::default()
    };
    let jobs = jobs(settings);
    let mut next = 0;
    let mut take = |bytes| {
        next += 1;
        let job = begin(&jobs, next, ANN, 0).unwrap();
        let written = write(&jobs, &job, bytes).map_err(|p| p.code());
        if written.is_err() {
            jobs.end(job.id);
        }
        (written, job.id)
    };
    assert_eq!(take(61).0, Err(Code::LimitExceeded));
    let (first, id) = take(60);
    assert_eq!(first, Ok(Flow::More));
    assert_eq!(take(41).0, Err(Code::ServiceUnavailable));
    assert_eq!(take(40).0, Ok(Flow::More));
    assert_eq!(take(1).0, Err(Code::ServiceUnavailable));
    jobs.end(id);
    assert_eq!(take(60).0, Ok(Flow::More));
}

#[test]
fn one_request_fetches_at_a_time() {
    let jobs = jobs(LaterSettings::default());
    let job = begin(&jobs, 1, ANN, 0).unwrap();
    write(&jobs, &job, 10).unwrap();
    let fetched = job.fetch().unwrap();
    assert_eq!(job.fetch().unwrap_err().code(), Code::TooManyRequests);
    drop(fetched);
    assert!(job.fetch().is_ok());
    let Some(Outcome::Kept(kept)) = job.outcome() else {
        panic!("there is no result");
    };
    assert_eq!((kept.length, kept.piece(4).unwrap().len()), (10, 6));
}
