//! What a request asks for, in words: for people who look whether it was understood as they meant it.

use super::super::ast::{
    BinaryOperator, Expr, GroupKey, LogicalOperator, Node, OrderItem, Path, Pipeline, Request,
    SearchExpr, Segment, Step, Transformation, UnaryOperator,
};
use super::{apply, expression, options, path, print_expression};
use crate::diag::At;

/// A line for each thing that is asked for, in the order in which it takes effect. Values stand there
/// as the request has them.
pub fn describe(request: &Request) -> Vec<String> {
    let asked = &request.options;
    let mut lines = vec![subject(request)];
    if let Some(pipeline) = &asked.apply {
        lines.extend(steps(&pipeline.value));
    }
    let mut text = String::new();
    let mut line = |word: &str, what: &str| lines.push(format!("{word} {what}"));
    if let Some(items) = &asked.compute {
        for item in &items.value {
            text.clear();
            options::compute_item(&mut text, item);
            line("computing", &text);
        }
    }
    if let Some(filter) = &asked.filter {
        line("where", &words(&filter.value));
    }
    if let Some(found) = &asked.search {
        line("with texts that hold", &searched(&found.value.node));
    }
    if let Some(items) = &asked.orderby {
        line("ordered by", &ordered(&items.value));
    }
    if let Some(skip) = &asked.skip {
        line("without the first", &skip.value.node.to_string());
    }
    if let Some(top) = &asked.top {
        line("at most", &top.value.node.to_string());
    }
    if asked.count.as_ref().is_some_and(|count| count.value.node) {
        line("with", "the number of all of them");
    }
    let printed = options::pairs(asked, false);
    let printed = |name: &str| printed.iter().find(|(given, _)| given == name);
    for (name, word) in [
        ("$select", "showing"),
        ("$expand", "with what they lead to:"),
        ("expandgroup", "with what these lead to:"),
    ] {
        if let Some((_, value)) = printed(name) {
            line(word, value);
        }
    }
    for (name, value) in &asked.aliases {
        line(&format!("where @{name} stands for"), &words(&value.value));
    }
    lines
}

/// `the number of rows of A`, `B of A(1)`
fn subject(request: &Request) -> String {
    let mut segments = request.path.segments.clone();
    let word = match segments.last().map(|segment| &segment.node) {
        Some(Segment::Count) => "the number of",
        Some(Segment::Value) => "the bare value of",
        Some(Segment::Ref) => "the addresses of",
        _ => "",
    };
    if !word.is_empty() {
        segments.pop();
    }
    let rest = super::super::ast::ResourcePath { segments };
    let rest = path::segments(&rest, str::to_owned);
    match word {
        "" => rest,
        word => format!("{word} {rest}"),
    }
}

/// The transformations of `$apply`, one a line.
fn steps(pipeline: &Pipeline) -> Vec<String> {
    let lines = pipeline.iter().map(|step| match &step.node {
        Transformation::Identity => "as they are".to_owned(),
        Transformation::Filter(condition) => format!("then those where {}", words(condition)),
        Transformation::Search(found) => {
            format!("then those with texts that hold {}", searched(&found.node))
        }
        Transformation::OrderBy(items) => format!("then ordered by {}", ordered(items)),
        Transformation::Skip(number) => format!("then without the first {}", number.node),
        Transformation::Top(number) => format!("then the first {}", number.node),
        Transformation::GroupBy { keys, then } => {
            let keys: Vec<String> = keys.iter().map(key).collect();
            let grouped = format!("then a group for each {}", keys.join(", "));
            match then.is_empty() {
                true => grouped,
                false => format!("{grouped}: {}", apply::text(then)),
            }
        }
        Transformation::Concat(pipelines) => {
            let parts: Vec<String> = pipelines.iter().map(|one| steps(one).join(", ")).collect();
            format!("then one after the other: {}", parts.join("; "))
        }
        Transformation::Compute(_)
        | Transformation::Pick { .. }
        | Transformation::Aggregate(_)
        | Transformation::Other { .. } => {
            format!("then {}", apply::text(&vec![step.clone()]))
        }
    });
    lines.collect()
}

fn key(key: &At<GroupKey>) -> String {
    match &key.node {
        GroupKey::Path(path) => {
            let mut out = String::new();
            expression::path(&mut out, path);
            out
        }
        GroupKey::Rollup { word, arguments } => format!("{word}({arguments})"),
    }
}

fn ordered(items: &[OrderItem]) -> String {
    let item = |item: &OrderItem| match item.descending {
        true => format!("{}, greatest first", words(&item.expression)),
        false => words(&item.expression),
    };
    let items: Vec<String> = items.iter().map(item).collect();
    items.join(", then ")
}

fn searched(found: &SearchExpr) -> String {
    let of = |all: &[At<SearchExpr>], word: &str| {
        let all: Vec<String> = all.iter().map(|one| searched(&one.node)).collect();
        format!("({})", all.join(word))
    };
    match found {
        SearchExpr::Word(text) | SearchExpr::Phrase(text) => format!("`{text}`"),
        SearchExpr::Not(inner) => format!("not {}", searched(&inner.node)),
        SearchExpr::And(all) => of(all, " and "),
        SearchExpr::Or(all) => of(all, " or "),
    }
}

/// An expression in words.
fn words(node: &Node) -> String {
    match &node.node {
        Expr::Path(path) => lambda(path).unwrap_or_else(|| print_expression(node)),
        Expr::Call { name, arguments } => {
            let arguments: Vec<String> = arguments.iter().map(|a| words(&a.value)).collect();
            let verb = match name.node.name.as_str() {
                "contains" => "contains",
                "startswith" => "starts with",
                "endswith" => "ends with",
                _ => "",
            };
            match arguments.as_slice() {
                [text, part] if !verb.is_empty() => format!("{text} {verb} {part}"),
                _ => print_expression(node),
            }
        }
        Expr::Unary { operator, operand } => match operator {
            UnaryOperator::Not => format!("not ({})", words(operand)),
            UnaryOperator::Negate => print_expression(node),
        },
        Expr::Logical { operator, operands } => {
            let (word, other) = match operator {
                LogicalOperator::And => (" and ", LogicalOperator::Or),
                LogicalOperator::Or => (" or ", LogicalOperator::And),
            };
            let is_other = |node: &Node| matches!(&node.node, Expr::Logical { operator, .. } if *operator == other);
            let operand = |node: &Node| match is_other(node) {
                true => format!("({})", words(node)),
                false => words(node),
            };
            let operands: Vec<String> = operands.iter().map(operand).collect();
            operands.join(word)
        }
        Expr::Binary {
            operator,
            left,
            right,
        } => match verb(operator.node) {
            Some(verb) => format!("{} {verb} {}", words(left), words(right)),
            None => print_expression(node),
        },
        Expr::In { left, list } => {
            let items = match &list.node {
                Expr::List(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
                Expr::Literal(_)
                | Expr::Alias(_)
                | Expr::Path(_)
                | Expr::Call { .. }
                | Expr::Unary { .. }
                | Expr::Logical { .. }
                | Expr::Binary { .. }
                | Expr::In { .. }
                | Expr::Json(_)
                | Expr::Object(_)
                | Expr::Case(_) => words(list),
            };
            format!("{} is one of {items}", words(left))
        }
        Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::List(_)
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Case(_) => print_expression(node),
    }
}

const fn verb(operator: BinaryOperator) -> Option<&'static str> {
    match operator {
        BinaryOperator::Eq => Some("is"),
        BinaryOperator::Ne => Some("is not"),
        BinaryOperator::Gt => Some("is greater than"),
        BinaryOperator::Ge => Some("is at least"),
        BinaryOperator::Lt => Some("is less than"),
        BinaryOperator::Le => Some("is at most"),
        BinaryOperator::Has => Some("has"),
        BinaryOperator::Add
        | BinaryOperator::Sub
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::DivBy
        | BinaryOperator::Mod => None,
    }
}

/// `one of Groups (g) fulfils g/Group is …`
fn lambda(path: &Path) -> Option<String> {
    let (last, before) = path.steps.split_last()?;
    let mut of = String::new();
    let collection = Path {
        head: path.head,
        steps: before.to_vec(),
    };
    expression::path(&mut of, &collection);
    match &last.node {
        Step::Any(None) => Some(format!("there is one of {of}")),
        Step::Any(Some(inside)) => Some(format!(
            "one of {of}, {}, fulfils ({})",
            inside.variable.node,
            words(&inside.condition)
        )),
        Step::All(inside) => Some(format!(
            "each of {of}, {}, fulfils ({})",
            inside.variable.node,
            words(&inside.condition)
        )),
        Step::Name(_)
        | Step::Key(_)
        | Step::Call { .. }
        | Step::Count(_)
        | Step::Filter(_)
        | Step::Annotation(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Limits, parse_request};
    use super::*;

    #[test]
    fn requests_are_told_in_words() {
        for (path, query, expected) in [
            ("Users", "", "Users"),
            ("Users/$count", "", "the number of Users"),
            (
                "Users(1)/Groups",
                "$filter=A eq 1 and (B gt 2 or not contains(C,'x'))&$top=5&$orderby=A desc,B",
                "Users(1)/Groups; where A is 1 and (B is greater than 2 or not (C contains 'x')); \
                 ordered by A, greatest first, then B; at most 5",
            ),
            (
                "Users",
                "$filter=Groups/any(g:g/Group/Id eq 1) or A in (1,2)&$count=true&$expand=Groups($top=1)",
                "Users; where one of Groups, g, fulfils (g/Group/Id is 1) or A is one of 1, 2; \
                 with the number of all of them; with what they lead to: Groups($top=1)",
            ),
            (
                "Users",
                "$apply=filter(A eq @a)/groupby((B),aggregate($count as N))&@a=3",
                "Users; then those where A is @a; then a group for each B: aggregate($count as N); \
                 where @a stands for 3",
            ),
            (
                "Users",
                "$search=a AND NOT \"b c\"&$skip=2&$select=A",
                "Users; with texts that hold (`a` and not `b c`); without the first 2; showing A",
            ),
        ] {
            let query = query.replace(' ', "%20").replace('"', "%22");
            let request = parse_request(path, &query, &Limits::default()).unwrap();
            assert_eq!(describe(&request).join("; "), expected);
        }
    }
}
