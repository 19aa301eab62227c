//! The first start of a database.

use serde_json::json;
use userdex::service::FirstStart;

use crate::at::{attempt, by_basic, code, on_each, other, start, user};
use crate::support::world::{quick_settings, worlds};

#[test]
fn the_first_start_makes_an_administrator_once() {
    on_each(|world| {
        let done = world.service.first_start(None, false, start()).unwrap();
        let FirstStart::MadeWith(password) = &done else {
            panic!("{done:?}");
        };
        assert!(!format!("{done:?}").contains(password.as_str()));
        let caller = by_basic(&world.service, "admin", password, start()).unwrap();
        assert!(caller.is_administrator());
        let opened = world.service.log_in(&attempt("admin", password, start()));
        assert_eq!(code(&opened), "", "without any group");
        let elsewhere = other(world, quick_settings());
        assert_eq!(
            elsewhere.first_start(None, false, start()).unwrap(),
            FirstStart::Over
        );
    });
}

#[test]
fn a_given_password_is_taken_and_a_user_admin_left_alone() {
    on_each(|world| {
        let done = world
            .service
            .first_start(Some("Given-4711"), false, start())
            .unwrap();
        assert_eq!(done, FirstStart::Made);
        assert_eq!(
            code(&by_basic(&world.service, "admin", "Given-4711", start())),
            ""
        );
    });
    on_each(|world| {
        user(world, "Admin", &json!({}));
        let done = world
            .service
            .first_start(Some("Given-4711"), false, start())
            .unwrap();
        assert_eq!(done, FirstStart::LeftAlone);
        assert_eq!(
            code(&by_basic(&world.service, "admin", "Given-4711", start())),
            "SignInFailed"
        );
        assert_eq!(
            world.service.first_start(None, false, start()).unwrap(),
            FirstStart::Over
        );
    });
}

#[test]
fn servers_that_start_at_once_make_one() {
    on_each(|world| {
        let others = [0; 4].map(|_| other(world, quick_settings()));
        let done = std::thread::scope(|scope| {
            let threads = others.each_ref().map(|service| {
                scope.spawn(|| {
                    service
                        .first_start(Some("Given-4711"), false, start())
                        .unwrap()
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        let made = done.iter().filter(|d| **d == FirstStart::Made).count();
        assert_eq!(made, 1, "{} {done:?}", world.name);
    });
}

/// Whatever the demonstration data make up about their `admin`, the password that was told signs in.
#[test]
fn the_administrator_of_the_demonstration_signs_in() {
    for users in [1, 20, 200, 500] {
        for world in worlds(users) {
            let given = Some("Given-4711");
            let done = world.service.first_start(given, true, start()).unwrap();
            assert_eq!(done, FirstStart::Made);
            let found = by_basic(&world.service, "admin", "Given-4711", start());
            assert_eq!(code(&found), "", "{} with {users} users", world.name);
            assert!(found.unwrap().is_administrator());
        }
    }
}
