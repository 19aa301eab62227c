//! `$apply` of every form: transformations chained in any order, with options beside them. Only that
//! both databases answer the same is known.

use fastrand::Rng;
use userdex::model::{Entity, Model};
use userdex::value::Kind;

use crate::free::Free;
use crate::options::ill_typed;
use crate::stage::{NOTED, Stage};
use crate::support::evaluator::fields;

/// Draws a request with `$apply`.
pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Free {
    let model: &Model = &stage.model;
    let set = rng.choice(&stage.sets).unwrap().clone();
    let mut steps = Vec::new();
    for _ in 0..rng.usize(0..3) {
        // What is cut is neither narrowed nor cut again.
        let narrows = |step: &String| {
            ["filter", "search", "identity"]
                .iter()
                .any(|n| step.starts_with(n))
        };
        let cut = !steps.iter().all(narrows);
        if !cut || rng.u8(..8) == 0 {
            steps.push(before(stage, &set, rng));
        }
    }
    let entity = model.entity(model.set(&set).unwrap());
    let made = match rng.u8(..4) {
        0 => compute(entity, rng, &mut steps),
        _ => None,
    };
    if rng.u8(..20) > 0 {
        steps.push(grouping(model, entity, made.as_deref(), rng));
    }
    for _ in 0..rng.usize(0..3) {
        let step = after(rng);
        // What is left has other names.
        let ends = step.starts_with("aggregate") || step.starts_with("groupby((T0)");
        steps.push(step);
        if ends && rng.u8(..12) > 0 {
            break;
        }
    }
    let mut apply = steps.join("/");
    if apply.is_empty() {
        apply = "identity".to_owned();
    }
    match rng.u8(if apply.contains("concat") {
        4..12
    } else {
        0..12
    }) {
        0 | 1 => apply = format!("concat({apply},aggregate($count as T0))"),
        2 => {
            let other = grouping(model, entity, None, rng);
            apply = format!("concat({apply},identity/{other})/filter(T0 ge 1)");
        }
        3 => apply = format!("identity/concat({apply},concat({apply},{apply}))"),
        _ => {}
    }
    let mut options = vec![("$apply".to_owned(), apply)];
    for (option, of) in [
        ("$count=true", 3),
        ("$orderby=T0 desc", 3),
        ("$orderby=N", 9),
        ("$filter=T0 ge 2", 4),
        ("$filter=T0 eq null or not (T0 in (1,2,null))", 9),
        ("$filter=T0 add 1 gt 2", 30),
        ("$top=3", 3),
        ("$skip=1", 5),
        ("$select=T0", 8),
        ("expandgroup=*", 9),
        ("$format=csv", 8),
        ("$format=ndjson", 9),
        (
            "$format=application/json;odata.metadata=full;IEEE754Compatible=true",
            9,
        ),
        ("options=skipnulls", 9),
        ("$search=a", 30),
        ("$compute=T0 add 1 as X", 30),
        ("$expand=*", 40),
    ] {
        let (name, value) = option.split_once('=').unwrap();
        // After some steps there is no `T0`, and `N` after few.
        let last = options[0].1.rsplit("aggregate(").next().unwrap();
        if value.contains("T0") && !last.contains("T0") && rng.u8(..12) > 0 {
            continue;
        }
        if value == "N" && !options[0].1.contains("as N") {
            continue;
        }
        let is_export = ["csv", "ndjson"].contains(&value);
        if rng.u8(..of) == 0 && options.iter().all(|(known, _)| known != name) {
            // Exports have no place for the number: most go without.
            options.retain(|(known, _)| !is_export || known != "$count" || rng.u8(..8) == 0);
            options.push((name.to_owned(), value.to_owned()));
        }
    }
    if rng.u8(..4) == 0 {
        stand_in(&mut options);
    }
    let path = match rng.u8(..10) {
        0 => {
            options.retain(|(name, _)| ["$apply", "$filter", "@f"].contains(&name.as_str()));
            format!("{set}/$count")
        }
        _ => set,
    };
    Free::to(path, options, rng)
}

/// Lets an alias stand for a condition on names, or for a name.
fn stand_in(options: &mut Vec<(String, String)>) {
    for condition in ["T0 gt 1", "T0 in (1,2,3) or T0 eq null", "T0 ge 2", "T0"] {
        let mut is_used = false;
        for (name, value) in &mut *options {
            let inside = match condition {
                "T0" => format!("filter({condition} "),
                _ => format!("filter({condition})"),
            };
            let alias = inside.replace(condition, "@f");
            if name == "$apply" && value.contains(&inside) {
                *value = value.replace(&inside, &alias);
                is_used = true;
            } else if name == "$filter" && value == condition {
                "@f".clone_into(value);
                is_used = true;
            }
        }
        if is_used {
            options.push(("@f".to_owned(), condition.to_owned()));
            return;
        }
    }
}

/// A transformation of rows.
fn before(stage: &Stage, set: &str, rng: &mut Rng) -> String {
    let model: &Model = &stage.model;
    let fields = fields(model, model.set(set).unwrap());
    let ordered = fields.iter().filter(|f| f.orders());
    let by = rng
        .choice(ordered.collect::<Vec<_>>())
        .map(|f| f.name.as_str());
    let by = by.unwrap_or("Id");
    let n = rng.u8(1..20);
    match rng.u8(..12) {
        0..=3 => match stage.world.draw(model, set, rng, 2) {
            Some(condition) => format!("filter({condition})"),
            None => "identity".to_owned(),
        },
        4 | 5 if stage.world.is_searched(set) => {
            format!("search({})", stage.world.draw_search(set, rng, 1))
        }
        6 if rng.u8(..3) == 0 => format!("filter({})", ill_typed(&fields, rng)),
        7 => format!("topcount({n},{by})"),
        8 => format!("bottomcount({n},{by})"),
        9 => format!("orderby({by} desc)/top({n})"),
        10 => format!("orderby({by},Id desc)/skip({n})/top({n})"),
        _ => "identity".to_owned(),
    }
}

/// Computes a part or a piece; its name.
fn compute(entity: &Entity, rng: &mut Rng, steps: &mut Vec<String>) -> Option<String> {
    let (mut times, mut texts) = (Vec::new(), Vec::new());
    for attribute in &entity.attributes {
        match attribute.kind {
            Kind::DateTimeOffset if attribute.is_measure() => times.push(&attribute.name),
            Kind::String if attribute.is_dimension() => texts.push(&attribute.name),
            _ => {}
        }
    }
    let (function, name) = match rng.u8(..12) {
        0 => ("tolower", &rng.choice(&entity.attributes)?.name),
        1..=5 if !texts.is_empty() => ("substring", rng.choice(texts)?),
        _ => (
            rng.choice(["year", "month", "date", "hour", "yearmonth"])?,
            rng.choice(times)?,
        ),
    };
    let rest = if function == "substring" { ",0,1" } else { "" };
    steps.push(format!("compute({function}({name}{rest}) as K_)"));
    Some("K_".to_owned())
}

/// Groups, most often of what declares them.
fn grouping(model: &Model, entity: &Entity, made: Option<&str>, rng: &mut Rng) -> String {
    let attributes = entity.attributes.iter().filter(|a| a.is_dimension());
    let mut all: Vec<String> = attributes.map(|a| a.name.clone()).collect();
    for reference in &entity.references {
        all.push(reference.name.clone());
        let target = model.entity(reference.target);
        if target.set == NOTED || !(reference.owner || reference.filterable) {
            continue;
        }
        let found = target.attributes.iter().filter(|a| a.is_dimension());
        let found = rng.choice(found.collect::<Vec<_>>());
        let name = found.map_or("Id", |a| a.name.as_str());
        all.push(format!("{}/{name}", reference.name));
    }
    if rng.u8(..12) == 0 {
        all.push(rng.choice(&entity.attributes).unwrap().name.clone());
    }
    let number = rng.usize(0..4);
    let mut keys = rng.choose_multiple(all.iter().cloned(), number);
    keys.extend(made.map(str::to_owned));
    let measures: Vec<_> = entity
        .attributes
        .iter()
        .filter(|a| a.is_measure())
        .collect();
    let mut items = vec!["$count as T0".to_owned()];
    for number in 1..rng.usize(1..4) {
        let measure = rng.choice(&measures);
        let adds = measure.is_some_and(|a| a.kind != Kind::DateTimeOffset) || rng.u8(..20) == 0;
        let (of, method) = match (measure, rng.u8(..5)) {
            (Some(measure), 0) => (&measure.name, "min"),
            (Some(measure), 1) => (&measure.name, "max"),
            (Some(measure), 2) if adds => (&measure.name, "sum"),
            (Some(measure), 3) if adds => (&measure.name, "average"),
            (_, _) => (rng.choice(&all).unwrap(), "countdistinct"),
        };
        items.push(format!("{of} with {method} as T{number}"));
    }
    let aggregate = format!("aggregate({})", items.join(","));
    match (keys.as_slice(), rng.u8(..12)) {
        ([], _) => aggregate,
        (some, 0) => format!("groupby(({}))/aggregate($count as T0)", some.join(",")),
        (some, 1) => format!("groupby(({}))", some.join(",")),
        (some, 2) if rng.bool() => format!("groupby((rollup({})),{aggregate})", some.join(",")),
        (some, _) => format!("groupby(({}),{aggregate})", some.join(",")),
    }
}

/// A transformation of groups.
fn after(rng: &mut Rng) -> String {
    let all = [
        "filter(T0 gt 1)",
        "filter(T0 in (1,2,3) or T0 eq null)",
        "filter(not (2 le T0))",
        "topcount(3,T0)",
        "bottomcount(2,T0)",
        "orderby(T0 desc)/skip(1)/top(4)",
        "orderby(T0)/top(5)",
        "aggregate(T0 with sum as S,T0 with average as A,$count as N)",
        "aggregate(T0 with max as T0)",
        "groupby((T0),aggregate($count as N))",
        "groupby((T0))",
        "concat(topcount(1,T0),bottomcount(1,T0))",
        "identity",
        "topsum(5,T0)",
        "expand(X,identity)",
        "search(a)",
    ];
    let usual = if rng.u8(..20) == 0 {
        all.len()
    } else {
        all.len() - 3
    };
    all[rng.usize(..usual)].to_owned()
}
