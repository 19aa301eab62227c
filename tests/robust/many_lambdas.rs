//! Conditions on children, many of them in one query: a database could take too long to plan them.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::USERS;
use crate::support::history;
use crate::support::world::{World, on_each_world};

/// Far more than the requests below take, and less than they took when PostgreSQL made a join of
/// every nested query.
const DEADLINE: Duration = Duration::from_secs(5);

/// The number of users that a filter finds, and those of its first page.
fn found(world: &World, filter: &str) -> (u64, Vec<Json>) {
    let options = json!({"$filter": filter});
    let count = world.json("POST", &format!("{USERS}/$count/$query"), &options);
    assert_eq!(
        count.status, 200,
        "{}: {filter}: {}",
        world.name, count.body
    );
    let options = json!({"$filter": filter, "$select": "Id", "$orderby": "Login", "$top": 20});
    let page = world.json("POST", &format!("{USERS}/$query"), &options);
    assert_eq!(page.status, 200, "{}: {filter}: {}", world.name, page.body);
    let rows = page.tree()["value"].as_array().unwrap().clone();
    (count.body.trim().parse().unwrap(), rows)
}

/// A condition for each number, all of them required.
fn all(number: usize, condition: impl Fn(usize) -> String) -> String {
    (0..number).map(condition).collect::<Vec<_>>().join(" and ")
}

#[test]
fn lambdas_are_answered_however_many_there_are() {
    on_each_world(60, |world| {
        let world = &world.with_deadline(DEADLINE);
        let memberships = world.get("Systems_Security_UserGroups?$select=Group&$top=1");
        let group = memberships[0]["Group"]["Id"]
            .as_str()
            .map_or_else(|| history::key(&memberships[0]["Group"]), str::to_owned);
        let in_group = format!("Groups/any(g:g/Group/Id eq {group})");
        let nobody = |n: usize| format!("7e570000-0000-4000-8000-{n:012}");
        let true_of_members = |n: usize| format!("Groups/any(g:g/User/Login ne 'nobody{n}')");
        let nested = |n: usize| {
            format!(
                "RoleUsers/any(r:r/User/Groups/any(g:g/User/Login ne 'nobody{n}' and $it/Active \
                and g/User/RoleUsers/any(s:s/Id ne {} and r/Id ne null)))",
                nobody(n)
            )
        };
        for (many, few) in [
            (all(60, true_of_members), "Groups/any()".to_owned()),
            (
                all(60, |n| {
                    format!("Groups/any(g:g/Group/Id in ({group},{}))", nobody(n))
                }),
                in_group.clone(),
            ),
            (
                format!("{} and {in_group}", all(30, true_of_members)),
                in_group.clone(),
            ),
            (
                format!(
                    "{} and Groups/any(g:g/Id eq {})",
                    all(30, true_of_members),
                    nobody(0)
                ),
                "false".to_owned(),
            ),
            (
                format!("not ({})", all(30, true_of_members)),
                "not Groups/any()".to_owned(),
            ),
            (
                all(4, nested),
                "Active and RoleUsers/any() and Groups/any()".to_owned(),
            ),
            (
                all(12, nested),
                "Active and RoleUsers/any() and Groups/any()".to_owned(),
            ),
            (all(90, |_| in_group.clone()), in_group.clone()),
        ] {
            assert_eq!(found(world, &many), found(world, &few), "{}", world.name);
        }
        let (members, _) = found(world, &in_group);
        assert!(members > 0, "a group without members tells nothing");
    });
}
