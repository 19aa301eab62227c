//! Floods become few entries, and none of them is lost.

use serde_json::Value as Json;
use std::sync::Arc;

use userdex::audit::{MOST, MOST_OF_ONE};
use userdex::diag::{Code, Problem};
use userdex::service::{Attempt, Caller, Credential, Origin, Service, Way};
use userdex::value::Timestamp;

use crate::kit::{LOG, PASSWORD, USERS, broken, log, log_in, names, noted, on_each, send, user};
use crate::support::world::World;

fn wrong(service: &Service, login: &str) {
    let attempt = Attempt {
        login,
        password: "wrong",
        code: None,
        way: Way::Session,
        application: None,
        windows_user: None,
        now: Timestamp::now(),
    };
    assert!(service.log_in(&attempt).is_err());
}

fn times(line: &crate::kit::Line) -> u64 {
    line.details["times"].as_u64().unwrap_or(1)
}

#[test]
fn equal_failures_are_counted_into_few_entries() {
    on_each(|world| {
        user(world, "ann");
        let lines = noted(world, || {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..50).for_each(|_| wrong(&world.service, "nobody")));
                }
            });
        });
        assert!(lines.len() <= 4, "{}: {}", world.name, lines.len());
        assert_eq!(lines.iter().map(times).sum::<u64>(), 200, "{}", world.name);
        assert!(lines.iter().all(|line| line.word("reason") == "unknown"));
    });
}

#[test]
fn a_flood_of_different_refusals_is_bounded_and_counted() {
    on_each(|world| {
        let flood = 3 * MOST;
        let refused = Problem::new(Code::Forbidden, "no");
        let lines = noted(world, || {
            for n in 0..flood {
                let problem = refused.clone().about(format!("attribute {n}"));
                let path = "Systems_Security_Users";
                let now = Timestamp::now();
                world
                    .service
                    .note_refused_read(Caller::nobody(), path, &problem, now);
            }
        });
        assert!(names(&lines).iter().all(|name| *name == "ReadRefused"));
        assert_eq!(
            lines.iter().map(times).sum::<u64>(),
            u64::try_from(flood).unwrap()
        );
        let is_apart = |line: &&crate::kit::Line| line.word("target").starts_with("attribute ");
        let apart = lines.iter().filter(is_apart).count();
        assert_eq!(apart, MOST_OF_ONE, "{}", world.name);
        // One for all others: or two, should the thread that writes have come by meanwhile.
        let others = lines.len() - apart;
        assert!((1..=2).contains(&others), "{}: {others}", world.name);
        assert_eq!(broken(world, None), "");
    });
}

/// A bad token from an address, by a program of some name.
fn bad_token(world: &World, address: &str, n: usize) {
    let origin = Origin {
        address: Some(address.parse().unwrap()),
        program: Some(Arc::from(format!("agent/{n}"))),
        operator: None,
    };
    let service = world.service.for_client(origin);
    let credential = Credential::Token("enrt_nothing");
    let imprint = service.imprint(Way::Token, &format!("{n}"));
    let refused = service.enter(imprint, credential, None, Timestamp::now());
    assert!(refused.is_err());
}

#[test]
fn a_flood_hides_nothing_of_others() {
    on_each(|world| {
        let ann = user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        let lines = noted(world, || {
            (0..MOST + 200).for_each(|n| bad_token(world, "192.0.2.1", n));
            bad_token(world, "192.0.2.2", 7);
            let headers = [("Authorization", &*who), ("Accept", "text/csv")];
            let path = format!("{USERS}?$select=Login");
            assert_eq!(world.send_as("GET", &path, &headers, b"").status, 200);
            assert_eq!(send(world, &who, "GET", LOG, &Json::Null).status, 403);
        });
        let told = |name: &str, address: &str| -> Vec<&crate::kit::Line> {
            let mine = lines.iter().filter(|line| line.name == name);
            mine.filter(|line| line.word("address") == address)
                .collect()
        };
        let flood = told("SignInFailed", "192.0.2.1");
        assert!(flood.len() <= 2, "{}: {}", world.name, flood.len());
        let sum: u64 = flood.iter().map(|line| times(line)).sum();
        assert_eq!(sum, u64::try_from(MOST + 200).unwrap());
        let other = told("SignInFailed", "192.0.2.2");
        assert_eq!((other.len(), &*other[0].application), (1, "agent/7"));
        for line in flood.iter().chain(&other) {
            assert_eq!(line.word("outcome"), "refused");
        }
        for (name, outcome) in [("Exported", "done"), ("ReadRefused", "refused")] {
            let line = &told(name, "127.0.0.1")[0];
            assert_eq!(line.user, ann.to_string(), "{}: {name}", world.name);
            assert_eq!(line.word("outcome"), outcome);
        }
    });
}

#[test]
fn refusals_are_written_without_being_asked_for() {
    on_each(|world| {
        user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        let before = log(world).len();
        assert_eq!(send(world, &who, "GET", LOG, &Json::Null).status, 403);
        // The thread beside writes it; nothing here does.
        let count = || {
            let mut count = 0;
            let counted = world.service.export_audit(&mut |_| {
                count += 1;
                Ok(())
            });
            counted.map(|()| count).unwrap()
        };
        while count() == before {
            std::thread::yield_now();
        }
        assert_eq!(
            log(world).last().unwrap().name,
            "ReadRefused",
            "{}",
            world.name
        );
    });
}

#[test]
fn what_is_noted_is_written_when_the_service_ends() {
    on_each(|world| {
        let settings = crate::support::world::quick_settings();
        let service = Service::new(world.model.clone(), world.store.clone(), settings).unwrap();
        let lines = noted(world, || {
            (0..5).for_each(|_| wrong(&service, "nobody"));
            drop(service);
        });
        assert_eq!(lines.iter().map(times).sum::<u64>(), 5, "{}", world.name);
    });
}
