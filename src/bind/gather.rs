//! Collecting faults: one request shows all that is wrong with it, up to a limit.

use crate::diag::{Problem, Result};

/// Faults of one request that are told at most; after them, others are not looked for.
const MOST: usize = 100;

/// All results, or all problems as one.
pub(super) fn gather<T>(results: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let mut faults = Vec::new();
    let mut told = 0;
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(fault) => {
                told += number(&fault);
                faults.push(fault);
            }
        }
        if told >= MOST {
            break;
        }
    }
    match Problem::all(faults) {
        Some(problem) if told >= MOST && problem.helps().last() != Some(&no_more()) => {
            Err(problem.help(no_more()))
        }
        Some(problem) => Err(problem),
        None => Ok(values),
    }
}

/// How many faults a problem tells.
fn number(problem: &Problem) -> usize {
    1 + problem.details().iter().map(number).sum::<usize>()
}

/// Said where there may be more faults.
fn no_more() -> String {
    format!("after {MOST} faults, others are not looked for")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn faults_are_gathered_up_to_the_limit_and_no_further() {
        let mut looked = 0;
        let fault = |_| {
            looked += 1;
            Err::<(), _>(Problem::new(Code::InvalidValue, "no"))
        };
        let problem = gather((0..10_000).map(fault)).unwrap_err();
        assert_eq!((number(&problem), looked), (MOST, MOST));
        assert_eq!(problem.helps(), [no_more()]);
        // Once is enough, and lists inside lists have the same limit.
        let problem = gather((0..10_000).map(|_| Err::<(), _>(problem.clone()))).unwrap_err();
        assert_eq!(number(&problem), MOST);
        assert_eq!(problem.helps(), [no_more()]);
    }
}
