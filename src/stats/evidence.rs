//! Evidence from several suspects: e-values merged, and which of them are sufficient alone.

/// Merged evidence of the suspects' wealth `w`: half a mixture over which share of them is real
/// (`mean over gamma of prod(1 - gamma + gamma w)`), half their average. The average counts only
/// when `all_screened`, since before that their final number is unknown. 1 without suspects.
pub fn evidence(w: &[f64], all_screened: bool, gammas: &[f64]) -> f64 {
    if w.is_empty() || gammas.is_empty() {
        return 1.0;
    }
    let products: f64 = gammas
        .iter()
        .map(|gamma| w.iter().map(|wi| (1.0 - gamma + gamma * wi).ln()).sum::<f64>().exp())
        .sum();
    let mixture = products / gammas.len() as f64;
    let average = if all_screened { w.iter().sum::<f64>() / w.len() as f64 } else { 0.0 };
    0.5 * mixture + 0.5 * average
}

/// Indices rejected by e-BH (Wang and Ramdas 2022) at false-discovery rate `alpha`, ascending.
pub fn e_bh(e_values: &[f64], alpha: f64) -> Vec<usize> {
    let m = e_values.len() as f64;
    let mut order: Vec<usize> = (0..e_values.len()).collect();
    order.sort_by(|a, b| e_values[*b].total_cmp(&e_values[*a]).then(a.cmp(b)));
    let rejected = order
        .iter()
        .enumerate()
        .filter(|(r, i)| (r + 1) as f64 * e_values[**i] / m >= 1.0 / alpha)
        .map(|(r, _)| r + 1)
        .max()
        .unwrap_or(0);
    order.truncate(rejected);
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GAMMAS: [f64; 3] = [0.25, 0.5, 0.75];

    proptest! {
        #[test]
        fn more_wealth_is_never_less_evidence(
            w in proptest::collection::vec(0.001f64..400.0, 1..12), i in 0usize..12, all in any::<bool>()
        ) {
            let mut richer = w.clone();
            let i = i % richer.len();
            richer[i] *= 1.8;
            prop_assert!(evidence(&richer, all, &GAMMAS) >= evidence(&w, all, &GAMMAS));
        }

        #[test]
        fn order_of_suspects_is_irrelevant(
            w in proptest::collection::vec(0.001f64..400.0, 1..12), all in any::<bool>()
        ) {
            let mut turned = w.clone();
            turned.reverse();
            let (a, b) = (evidence(&w, all, &GAMMAS), evidence(&turned, all, &GAMMAS));
            prop_assert!((a - b).abs() <= 1e-9 * a);
        }

        #[test]
        fn e_bh_rejects_the_largest_and_grows_with_alpha(
            e in proptest::collection::vec(0.0f64..300.0, 0..15)
        ) {
            let (strict, loose) = (e_bh(&e, 0.05), e_bh(&e, 0.10));
            prop_assert!(strict.iter().all(|i| loose.contains(i)));
            let kept = (0..e.len()).filter(|i| !loose.contains(i)).map(|i| e[i]).fold(0.0, f64::max);
            prop_assert!(loose.iter().all(|i| e[*i] >= kept));
            prop_assert!(loose.iter().all(|i| e[*i] >= 1.0 / 0.10 || loose.len() > 1));
        }
    }

    #[test]
    fn untouched_suspects_are_no_evidence() {
        assert!((evidence(&[1.0, 1.0, 1.0], true, &GAMMAS) - 1.0).abs() < 1e-15);
        assert!((evidence(&[1.0, 1.0, 1.0], false, &GAMMAS) - 0.5).abs() < 1e-15);
        assert_eq!(evidence(&[], true, &GAMMAS), 1.0);
    }
}
