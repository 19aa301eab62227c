//! Groupings drawn from the model, over all sets: both databases give the same bytes, and the groups
//! that are worked out in memory.

use fastrand::Rng;
use serde_json::Value as Json;

use crate::memory::{self, Key, Told};
use crate::support::evaluator::World;
use crate::support::{Database, drawing, encode, encode_query, rows};

/// Groupings in a run.
const REQUESTS: usize = 300;

/// The seed of this run.
fn seed() -> u64 {
    drawing::seed(20_261_126)
}

/// All rows of a set, with all that groups and aggregates.
fn shown(database: &Database, set: &str) -> Vec<Json> {
    let names = memory::names(&database.model, set);
    let request = format!("{set}?$select={}", names.join(","));
    let answer: Json = serde_json::from_str(&database.get(&request).unwrap()).unwrap();
    assert!(answer.get("@odata.nextLink").is_none(), "{set} has pages");
    answer["value"].as_array().unwrap().clone()
}

/// Draws a grouping of a set.
fn draw(database: &Database, set: &str, rng: &mut Rng) -> (Vec<Key>, Vec<Told>) {
    let entity = database.model.entity(database.model.set(set).unwrap());
    let number = rng.usize(0..3);
    let keys = rng.choose_multiple(memory::keys(entity), number);
    let mut told = vec![Told::Count];
    let measures = memory::measures(entity);
    let numbers = memory::numbers(entity);
    for _ in 0..rng.usize(0..4) {
        told.extend(match rng.u8(..5) {
            0 => rng.choice(&numbers).map(|n| Told::Sum(n.clone())),
            1 => rng.choice(&numbers).map(|n| Told::Average(n.clone())),
            2 => rng.choice(&measures).map(|m| Told::Min(m.clone())),
            3 => rng.choice(&measures).map(|m| Told::Max(m.clone())),
            _ => rng.choice(memory::keys(entity)).map(Told::Distinct),
        });
    }
    (keys, told)
}

/// The text of `$apply`.
fn spelled(filter: Option<&str>, keys: &[Key], told: &[Told]) -> String {
    let items = told.iter().enumerate();
    let items: Vec<String> = items
        .map(|(number, one)| format!("{} as T{number}", one.text()))
        .collect();
    let aggregate = format!("aggregate({})", items.join(","));
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    let grouped = match names.as_slice() {
        [] => aggregate,
        some => format!("groupby(({}),{aggregate})", some.join(",")),
    };
    match filter {
        Some(filter) => format!("filter({filter})/{grouped}"),
        None => grouped,
    }
}

#[test]
fn groups_are_those_of_the_evaluator() {
    let all = rows::databases();
    let first = all.iter().next().unwrap();
    let world = World::read(first);
    let mut rng = Rng::with_seed(seed());
    let sets: Vec<&str> = first
        .model
        .entities()
        .map(|(_, e)| e.set.as_str())
        .collect();
    let mut groups = 0;
    for n in 0..REQUESTS {
        let set = sets[n % sets.len()];
        let (keys, told) = draw(first, set, &mut rng);
        let condition = (rng.u8(..3) == 0).then(|| world.draw(&first.model, set, &mut rng, 2));
        let condition = condition.flatten();
        let ids: Option<Vec<&str>> = condition.as_ref().map(|condition| {
            let holds = |row: &&Json| world.holds(condition, row) == Some(true);
            let rows = world.rows(set).iter().filter(holds);
            rows.map(|row| row["Id"].as_str().unwrap()).collect()
        });
        let rows = shown(first, set);
        let chosen: Vec<&Json> = rows
            .iter()
            .filter(|row| {
                let id = row["Id"].as_str().unwrap();
                ids.as_ref().is_none_or(|ids| ids.contains(&id))
            })
            .collect();
        let mut expected = memory::groups(&chosen, &keys, &told);
        groups += expected.len();
        let filter = condition.map(|condition| condition.to_string());
        let apply = spelled(filter.as_deref(), &keys, &told);
        for database in all.iter() {
            let place = format!(
                "seed {} on {}: {set}?$apply={apply}",
                seed(),
                database.name()
            );
            check(database, set, &apply, &mut expected, &place);
        }
    }
    assert!(groups > REQUESTS, "only {groups} groups");
}

/// Asks for all groups at once, and in pages.
fn check(database: &Database, set: &str, apply: &str, expected: &mut [Json], place: &str) {
    let apply = encode(apply);
    let request = format!("{set}?$count=true&$apply={apply}");
    let answer = database
        .get(&request)
        .unwrap_or_else(|p| panic!("{place}\n{p:?} {:?}", p.log_text()));
    let answer: Json = serde_json::from_str(&answer).unwrap();
    let mut found = plain(&answer);
    let in_order = found.clone();
    assert_eq!(answer["@odata.count"], expected.len(), "{place}");
    found.sort_by_key(canonical);
    expected.sort_by_key(canonical);
    assert_eq!(found, expected, "{place}");
    // Pages of a few groups, one after the other.
    let size = 1 + expected.len() / 3;
    let mut next = Some(format!("{set}?$top={size}&$apply={apply}"));
    let mut joined = Vec::new();
    while let Some(address) = next {
        let body: Json = serde_json::from_str(&database.get(&address).unwrap()).unwrap();
        joined.extend(plain(&body));
        let link = body["@odata.nextLink"].as_str();
        next = link.map(|link| {
            let root = crate::support::service::ROOT;
            link.strip_prefix(root).unwrap().to_owned()
        });
    }
    assert_eq!(joined, in_order, "{place}");
}

/// A group as text, whatever the order of its members.
fn canonical(group: &Json) -> String {
    let members = group.as_object().unwrap().iter();
    let mut members: Vec<String> = members
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    members.sort_unstable();
    members.join(",")
}

/// The rows of an answer without their control information.
fn plain(answer: &Json) -> Vec<Json> {
    let rows = answer["value"].as_array().unwrap().iter().cloned();
    rows.map(|mut row| {
        let members = row.as_object_mut().unwrap();
        assert_eq!(members.remove("@odata.id"), Some(Json::Null));
        members.retain(|name, _| !name.ends_with("@odata.type"));
        row
    })
    .collect()
}

#[test]
fn both_databases_give_the_same_bytes() {
    let all = rows::databases();
    let Some((one, two)) = all.pair() else { return };
    let mut rng = Rng::with_seed(seed());
    let mut sets: Vec<&str> = one.model.entities().map(|(_, e)| e.set.as_str()).collect();
    // Exports among the requests are noted there.
    sets.retain(|set| *set != "Systems_Monitoring_AuditLogEntries");
    let mut accepted = 0;
    for n in 0..REQUESTS {
        let set = sets[n % sets.len()];
        let (keys, told) = draw(one, set, &mut rng);
        let mut apply = spelled(None, &keys, &told);
        let more = [
            "/filter(T0 gt 1)",
            "/topcount(3,T0)",
            "/bottomcount(2,T0)",
            "/orderby(T0 desc)/skip(1)/top(4)",
            "/aggregate(T0 with sum as S,T0 with average as A,$count as N)",
            "/groupby((T0),aggregate($count as N))",
            "/identity",
        ];
        for _ in 0..rng.usize(0..3) {
            apply.push_str(rng.choice(more).unwrap());
        }
        if rng.u8(..4) == 0 {
            apply = format!("concat({apply},aggregate($count as T0))");
        }
        let mut request = format!("{set}?$apply={apply}");
        for (option, of) in [
            ("$count=true", 3),
            ("$orderby=T0 desc", 3),
            ("$orderby=N", 9),
            ("$filter=T0 ge 2", 4),
            ("$filter=T0 eq null or not (T0 in (1,2,null))", 9),
            ("$top=3", 3),
            ("$skip=1", 5),
            ("$select=T0", 6),
            ("$format=csv", 6),
            ("$format=ndjson", 9),
            (
                "$format=application/json;odata.metadata=full;IEEE754Compatible=true",
                9,
            ),
            ("options=skipnulls", 9),
        ] {
            let name = option.split('=').next().unwrap();
            if rng.u8(..of) == 0 && !request.contains(&format!("&{name}=")) {
                // Exports have no place for the number.
                if ["$format=csv", "$format=ndjson"].contains(&option) {
                    request = request.replace("&$count=true", "");
                }
                request.push_str(&format!("&{option}"));
            }
        }
        let mut requests = vec![encode_query(&request); 2];
        for page in 0..4 {
            let place = format!("seed {} page {page}: {request}", seed());
            let answers = [one.get(&requests[0]), two.get(&requests[1])];
            let [first, second] = [&answers[0], &answers[1]].map(|answer| match answer {
                Ok(body) => body.split("$skiptoken=").next().unwrap().to_owned(),
                Err(problem) => {
                    let status = problem.code().status();
                    let fault = status >= 500 && status != 501;
                    assert!(!fault, "{place} {problem:?} {:?}", problem.log_text());
                    format!("{:?} {problem:?}", problem.code())
                }
            });
            assert!(first == second, "{place}\n{first}\n{second}");
            accepted += usize::from(answers[0].is_ok());
            let next = answers.map(|answer| {
                let body: Json = serde_json::from_str(&answer.unwrap_or_default()).ok()?;
                let link = body.get("@odata.nextLink")?.as_str()?;
                Some(link.strip_prefix(crate::support::service::ROOT)?.to_owned())
            });
            match next {
                [Some(next), Some(other)] => requests = vec![next, other],
                _ => break,
            }
        }
    }
    assert!(accepted > REQUESTS / 2, "only {accepted} answers");
}
