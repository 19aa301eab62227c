//! How PostgreSQL explains its plans, and what it knows of its tables.

use diesel::pg::Pg;
use serde_json::Value as Json;

use super::super::{Explains, Line};
use crate::sql::Statistics;
use crate::sql::work::{Explained, Look, Step, Work, entered};

impl Explains for Pg {
    const EXPLAIN: &'static str = "EXPLAIN (FORMAT JSON) ";
    const EXPLAINED: [Option<usize>; 3] = [None, None, Some(0)];

    /// The plan is one JSON document. Its conditions hold the values of the query; they are looked at
    /// for the columns in them, and not shown.
    fn explained(lines: &[Line], _: &str) -> Explained {
        let text: String = lines.iter().map(|line| line.text.as_str()).collect();
        let plan: Json = serde_json::from_str(&text).unwrap_or_default();
        let mut explained = Explained::default();
        let all = plan.as_array().into_iter().flatten();
        for top in all.filter_map(|one| one.get("Plan")) {
            show(top, 0, &mut explained.lines);
            explained.work.nest(work(top));
            explained.work.gathers = work(top).gathers;
        }
        explained
    }

    const HAS_STATISTICS: &'static str = "SELECT 1";
    /// Rows as the planner guesses them: by the pages that a table has now.
    const STATISTICS: &'static str = "SELECT c.relname::text, ''::text, \
        (c.reltuples / c.relpages * (pg_relation_size(c.oid) \
        / current_setting('block_size')::bigint))::bigint::text FROM pg_class c \
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
        AND c.reltuples > 0 AND c.relpages > 0 \
        UNION ALL SELECT s.tablename::text, s.attname::text, s.n_distinct::text FROM pg_stats s \
        WHERE s.schemaname = current_schema()";

    fn note(known: &mut Statistics, (table, column, text): (&str, &str, &str)) {
        if column.is_empty() {
            let rows = text.parse().unwrap_or_default();
            known.rows.insert(table.to_owned(), rows);
        } else if let Ok(different) = text.parse::<f64>()
            && different != 0.0
        {
            let column = (table.to_owned(), column.to_owned());
            known.different.insert(column, different);
        }
    }
}

fn text<'j>(node: &'j Json, name: &str) -> &'j str {
    node.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn below(node: &Json) -> impl Iterator<Item = &Json> {
    let plans = node.get("Plans").and_then(Json::as_array);
    plans.into_iter().flatten()
}

/// A line for each step, as the text format has it without conditions.
fn show(node: &Json, depth: usize, out: &mut Vec<String>) {
    let mut line = match depth {
        0 => String::new(),
        _ => format!("{}->  ", "      ".repeat(depth.saturating_sub(1)) + "  "),
    };
    let subplan = text(node, "Subplan Name");
    if !subplan.is_empty() {
        line.push_str(&format!("{subplan}: "));
    }
    if node.get("Parallel Aware") == Some(&Json::Bool(true)) {
        line.push_str("Parallel ");
    }
    line.push_str(&name_of(node));
    let index = text(node, "Index Name");
    let table = text(node, "Relation Name");
    if !index.is_empty() {
        let word = if table.is_empty() { "on" } else { "using" };
        line.push_str(&format!(" {word} \"{index}\""));
    }
    if !table.is_empty() {
        line.push_str(&format!(" on \"{table}\" {}", text(node, "Alias")));
    }
    let number = |name| node.get(name).map(Json::to_string).unwrap_or_default();
    line.push_str(&format!(
        "  (cost={}..{} rows={})",
        number("Startup Cost"),
        number("Total Cost"),
        number("Plan Rows")
    ));
    out.push(line);
    below(node).for_each(|node| show(node, depth.saturating_add(1), out));
}

/// The name of a step as the text format has it.
fn name_of(node: &Json) -> String {
    let kind = text(node, "Node Type");
    let join = text(node, "Join Type");
    match (kind, text(node, "Strategy")) {
        ("Aggregate", "Hashed") => "HashAggregate".to_owned(),
        ("Aggregate", "Sorted") => "GroupAggregate".to_owned(),
        ("Index Scan" | "Index Only Scan", _) if text(node, "Scan Direction") == "Backward" => {
            format!("{kind} Backward")
        }
        ("Nested Loop", _) if !matches!(join, "" | "Inner") => format!("{kind} {join} Join"),
        ("Hash Join" | "Merge Join", _) if !matches!(join, "" | "Inner") => {
            let kind = kind.split(' ').next().unwrap_or_default();
            format!("{kind} {join} Join")
        }
        (_, _) => kind.to_owned(),
    }
}

/// What a step looks at, with all below it.
fn work(node: &Json) -> Work {
    let is_apart =
        |node: &&Json| !matches!(text(node, "Parent Relationship"), "InitPlan" | "SubPlan");
    let mut inner = below(node).filter(is_apart);
    let mut done = match text(node, "Node Type") {
        "Nested Loop" => {
            let mut loops = inner.next().map(work).unwrap_or_default();
            inner.map(work).for_each(|inside| loops.nest(inside));
            loops
        }
        "Hash Join" | "Merge Join" => {
            let mut outer = inner.next().map(work).unwrap_or_default();
            outer.beside.extend(inner.map(work));
            outer
        }
        "Materialize" => {
            let inside = inner.next().map(work).unwrap_or_default();
            Work::of(Step::Inside(Box::new(inside)))
        }
        "Append" | "Merge Append" | "BitmapOr" => Work::of(Step::Either(inner.map(work).collect())),
        "Seq Scan" | "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => look(node),
        "Bitmap Heap Scan" => {
            let mut found = inner.next().map(work).unwrap_or_default();
            name_looks(&mut found, text(node, "Relation Name"));
            found
        }
        "Sort" | "Aggregate" => Work {
            gathers: true,
            ..inner.next().map(work).unwrap_or_default()
        },
        _ => inner.next().map(work).unwrap_or_default(),
    };
    let conditions = ["Filter", "Join Filter", "Index Cond", "Recheck Cond"];
    let conditions = conditions.map(|name| bare(text(node, name))).join(" ");
    for apart in below(node).filter(|node| !is_apart(node)) {
        let name = text(apart, "Subplan Name");
        let is_once = text(apart, "Parent Relationship") == "InitPlan"
            || conditions.contains(&format!("hashed {name}"));
        let inside = work(apart);
        if is_once {
            done.beside.push(inside);
        } else {
            done.steps.push(Step::Test(Box::new(inside)));
        }
    }
    done
}

fn look(node: &Json) -> Work {
    let table = text(node, "Relation Name");
    let index = text(node, "Index Name");
    let tables = (!table.is_empty()).then(|| table.to_owned());
    Work::of(Step::Look(Look {
        tables: tables.into_iter().collect(),
        index: (!index.is_empty()).then(|| index.to_owned()),
        columns: entered(&bare(text(node, "Index Cond")), '"'),
    }))
}

/// Says of which table the looks into its indexes are.
fn name_looks(work: &mut Work, table: &str) {
    for step in &mut work.steps {
        match step {
            Step::Look(look) if look.tables.is_empty() => look.tables.push(table.to_owned()),
            Step::Look(_) | Step::Inside(_) | Step::Test(_) => {}
            Step::Either(all) => all.iter_mut().for_each(|work| name_looks(work, table)),
        }
    }
}

/// A condition with its texts emptied: what a client wrote is not taken for a part of the plan.
fn bare(condition: &str) -> String {
    let mut out = String::with_capacity(condition.len());
    let mut rest = condition.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        out.push(c);
        if c != '\'' {
            before = c;
            continue;
        }
        let escapes = before == 'E';
        while let Some(inside) = rest.next() {
            match inside {
                '\\' if escapes => drop(rest.next()),
                '\'' if rest.peek() == Some(&'\'') => drop(rest.next()),
                '\'' => break,
                _ => {}
            }
        }
        out.push('\'');
        before = '\'';
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_taken_out_of_conditions() {
        for (condition, expected) in [
            ("(\"A\" = 'x'::text)", "(\"A\" = ''::text)"),
            ("(\"A\" = 'x'' AND \"B\" = ''y')", "(\"A\" = '')"),
            (r"(a = E'\\x'' AND b = ')", "(a = E'')"),
            ("(a = 1)", "(a = 1)"),
        ] {
            assert_eq!(bare(condition), expected);
        }
    }

    #[test]
    fn plans_become_work() {
        let scan = json!({"Node Type": "Index Scan", "Relation Name": "Users", "Alias": "t0",
            "Index Name": "IX_A", "Index Cond": "(\"A\" = 'secret'::text)", "Filter": "(SubPlan 1)",
            "Startup Cost": 0.5, "Total Cost": 8.25, "Plan Rows": 1, "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "M", "Alias": "s1t0",
                 "Parent Relationship": "SubPlan", "Subplan Name": "SubPlan 1"}]});
        let domain = json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "D", "Plans": [
            {"Node Type": "Bitmap Index Scan", "Index Name": "IX_D", "Index Cond": "(x > 'a')"}]});
        let top = json!([{"Plan": {"Node Type": "Limit", "Plans": [
            {"Node Type": "Nested Loop", "Join Type": "Left", "Plans": [scan, domain]}]}}]);
        let line = Line {
            id: 0,
            parent: 0,
            text: top.to_string(),
        };
        let explained = Pg::explained(&[line], "");
        let shown = explained.lines.join("\n");
        assert!(!shown.contains("secret"), "{shown}");
        let scan = "Index Scan using \"IX_A\" on \"Users\" t0  (cost=0.5..8.25 rows=1)";
        assert!(shown.contains(scan), "{shown}");
        let [Step::Look(users), Step::Test(_), Step::Look(domains)] =
            explained.work.steps.as_slice()
        else {
            panic!("{explained:?}");
        };
        assert!(users.enters("A").is_some() && !explained.work.gathers);
        assert_eq!(domains.tables, ["D"]);
        assert_eq!(domains.index.as_deref(), Some("IX_D"));
    }
}
