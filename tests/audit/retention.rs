//! Old entries go from the front, and the chain holds.

use std::time::Duration;

use userdex::service::{AuditSettings, Service};
use userdex::value::Timestamp;

use crate::kit::{broken, head, log, names, on_each, raw, user};
use crate::support::world::{World, quick_settings};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn keeping(world: &World, retention: Option<Duration>) -> Service {
    let mut settings = quick_settings();
    settings.audit = AuditSettings { retention };
    Service::new(world.model.clone(), world.store.clone(), settings).unwrap()
}

fn in_days(days: u32) -> Timestamp {
    let days = i64::from(days) * i64::try_from(DAY.as_micros()).unwrap();
    Timestamp::from_micros(Timestamp::now().micros() + days)
}

#[test]
fn old_entries_go_and_an_entry_says_so() {
    on_each(|world| {
        for login in ["ann", "bob", "eve"] {
            user(world, login);
        }
        let (before, kept) = (log(world).len(), head(world));
        let service = keeping(world, Some(30 * DAY));
        assert_eq!(service.shorten_audit(in_days(29)).unwrap(), 0);
        assert_eq!(log(world).len(), before);
        let gone = u64::try_from(before).unwrap();
        assert_eq!(
            service.shorten_audit(in_days(31)).unwrap(),
            gone,
            "{}",
            world.name
        );
        let lines = log(world);
        assert_eq!(names(&lines), ["AuditShortened"]);
        assert_eq!(lines[0].word("through"), gone.to_string());
        // The last head is where the chain begins now; an older one proves nothing any more.
        assert_eq!(broken(world, Some(&kept)), "");
        let old = format!("1:{}", "0".repeat(64));
        assert!(broken(world, Some(&old)).contains("keep a newer head"));
        user(world, "new");
        assert_eq!(names(&log(world)), ["AuditShortened", "UserCreated"]);
        assert_eq!(service.shorten_audit(in_days(31)).unwrap(), 0);
        // What was removed cannot be removed again, nor more than that.
        assert!(raw(world, "DELETE FROM \"Ext_Audit_Chain\"").is_err());
    });
}

#[test]
fn a_start_that_moved_by_itself_is_found() {
    on_each(|world| {
        for login in ["ann", "bob", "eve"] {
            user(world, login);
        }
        log(world);
        // As retention does it, but without its entry: the triggers let it pass.
        raw(
            world,
            "UPDATE \"Ext_Audit_Head\" SET \"Removed_Number\" = 2, \"Removed_Hash\" = (SELECT \"Hash\" FROM \"Ext_Audit_Chain\" WHERE \"Number\" = 2); \
             DELETE FROM \"Sys_Audit_Log_Entries\" WHERE \"Audit_Log_Entry_Id\" IN (SELECT c.\"Audit_Log_Entry_Id\" FROM \"Ext_Audit_Chain\" c WHERE c.\"Number\" <= 2); \
             DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" <= 2",
        )
        .unwrap();
        let expected = "entries up to 2 are gone, and no entry says that retention removed them";
        assert_eq!(broken(world, None), expected, "{}", world.name);
    });
}

#[test]
fn servers_that_shorten_at_once_do_it_once() {
    on_each(|world| {
        for n in 0..20 {
            user(world, &format!("user{n}"));
        }
        let before = u64::try_from(log(world).len()).unwrap();
        let services: Vec<_> = (0..3).map(|_| keeping(world, Some(DAY))).collect();
        let removed: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> = services
                .iter()
                .map(|service| scope.spawn(|| service.shorten_audit(in_days(2)).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert!(removed >= before, "{}: {removed} of {before}", world.name);
        assert_eq!(broken(world, None), "");
        assert!(
            names(&log(world))
                .iter()
                .all(|name| *name == "AuditShortened")
        );
    });
}

#[test]
fn without_a_retention_all_is_kept() {
    on_each(|world| {
        user(world, "ann");
        let before = log(world).len();
        let removed = keeping(world, None).shorten_audit(in_days(100_000));
        assert_eq!(removed.unwrap(), 0);
        assert_eq!(log(world).len(), before);
    });
}
