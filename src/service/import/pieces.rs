//! Which objects of a group share a transaction.

/// Cuts groups into pieces: large ones as long as nothing is refused.
#[derive(Debug)]
pub(super) struct Pieces {
    most: usize,
    /// Objects in the next piece at most.
    size: usize,
}

impl Pieces {
    /// Pieces of so many objects at most.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { most, size: most }
    }

    /// Runs over so many objects. `write` writes those from one position up to another. What it
    /// refuses, with the position to blame, is written again in smaller pieces, with that one by
    /// itself; it refuses no single object. `Err(None)` ends everything.
    pub(super) fn run(
        &mut self,
        len: usize,
        mut write: impl FnMut((usize, usize)) -> Result<(), Option<usize>>,
    ) -> Result<(), ()> {
        let (mut at, mut blamed) = (0_usize, None);
        while at < len {
            let end = at.saturating_add(self.size).min(len);
            let end = match blamed {
                Some(blamed) if at < blamed => end.min(blamed),
                Some(blamed) if at == blamed => at.saturating_add(1),
                Some(_) | None => end,
            };
            match write((at, end)) {
                Ok(()) => {
                    at = end;
                    self.size = self.size.saturating_mul(2).min(self.most);
                }
                Err(Some(request)) => {
                    blamed = Some(request.clamp(at, end.saturating_sub(1)));
                    let half = end.saturating_sub(at).checked_div(2);
                    self.size = half.unwrap_or_default().max(1);
                }
                Err(None) => return Err(()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs over objects of which some are bad; answers the good and bad ones as they were settled,
    /// and how often something was written.
    fn run(len: usize, most: usize, bad: &[usize]) -> (Vec<usize>, usize) {
        let (mut settled, mut times) = (Vec::new(), 0);
        let done = Pieces::new(most).run(len, |(from, to)| {
            times += 1;
            let blamed = bad.iter().find(|n| (from..to).contains(*n));
            match blamed {
                Some(n) if to - from > 1 => Err(Some(*n)),
                Some(_) | None => {
                    settled.extend(from..to);
                    Ok(())
                }
            }
        });
        assert_eq!(done, Ok(()));
        (settled, times)
    }

    #[test]
    fn every_object_is_settled_once_and_in_order() {
        for bad in [
            &[][..],
            &[0],
            &[9],
            &[4, 5],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        ] {
            for most in [1, 3, 10, 100] {
                let (settled, _) = run(10, most, bad);
                assert_eq!(settled, (0..10).collect::<Vec<_>>(), "{bad:?} {most}");
            }
        }
    }

    #[test]
    fn few_bad_objects_cost_little_and_many_twice_of_one_by_one() {
        assert_eq!(run(1000, 100, &[]).1, 10);
        assert!(run(1000, 100, &[500]).1 < 25);
        let all: Vec<_> = (0..1000).collect();
        assert!(run(1000, 100, &all).1 <= 2000);
    }

    #[test]
    fn an_end_is_one() {
        let mut times = 0;
        let ended = Pieces::new(5).run(20, |_| {
            times += 1;
            Err(None)
        });
        assert_eq!((ended, times), (Err(()), 1));
    }
}
