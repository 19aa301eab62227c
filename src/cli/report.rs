//! Problems for people at a terminal.

use std::fmt::Write;

use crate::diag::{Code, Problem};

/// Prints a problem, its place and its help to standard error.
pub(super) fn problem(problem: &Problem) {
    eprint!("{}", text(problem));
}

/// ```text
/// error: the attribute `Login` …
///   Login eq
///        ^^
///   help: …
/// ```
fn text(problem: &Problem) -> String {
    let mut text = format!("error: {}\n", problem.message());
    // Writing to a string cannot fail.
    if let Some(detail) = problem.log_text() {
        let _ = writeln!(text, "  {detail}");
    }
    for line in problem.caret().iter().flat_map(|caret| caret.lines()) {
        let _ = writeln!(text, "  {line}");
    }
    for help in problem.helps() {
        let _ = writeln!(text, "  help: {help}");
    }
    // What the whole says already is not said again.
    let is_new = |detail: &&Problem| {
        problem.code() != Code::PasswordPolicy || detail.code() != problem.code()
    };
    for detail in problem.details().iter().filter(is_new) {
        text.push_str(&self::text(detail));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Span;

    #[test]
    fn shows_everything() {
        let problem = Problem::new(Code::SyntaxError, "a value is missing")
            .at(Span::new(8, 8))
            .within("$filter", "Login eq")
            .help("write a value")
            .log("driver says no")
            .with_detail(Problem::new(Code::NotFound, "another"));
        assert_eq!(
            text(&problem),
            "error: a value is missing\n  driver says no\n  Login eq\n          ^\n  help: write a value\n\
             error: another\n"
        );
    }

    #[test]
    fn an_unmet_policy_is_told_once() {
        let unmet = |what: &str| Problem::new(Code::PasswordPolicy, format!("it needs {what}"));
        let problem = unmet("a, b")
            .with_detail(unmet("a"))
            .with_detail(unmet("b"));
        assert_eq!(text(&problem), "error: it needs a, b\n");
    }
}
