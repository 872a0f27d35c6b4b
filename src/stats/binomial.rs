//! Tails of the binomial distribution, summed in f64 from the largest term.

use super::beta::ln_gamma;

/// `P(Bin(m, p) >= k)`.
///
/// The largest term of the tail is computed in logarithms and its neighbours by the ratio
/// `C(m, j+1) / C(m, j) = (m - j) / (j + 1)`, so nothing underflows before the sum itself does.
/// The sum is exact to about 1e-12 relative for `m` up to a million.
pub fn upper_tail(k: usize, m: usize, p: f64) -> f64 {
    if k == 0 || p >= 1.0 {
        return if k <= m { 1.0 } else { 0.0 };
    }
    if k > m || p <= 0.0 {
        return 0.0;
    }
    let odds = p / (1.0 - p);
    let mode = (((m + 1) as f64 * p) as usize).min(m);
    let peak = k.max(mode);
    let largest = ln_term(peak, m, p).exp();
    let mut sum = largest;
    let mut term = largest;
    for j in peak..m {
        term *= (m - j) as f64 / (j + 1) as f64 * odds;
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    term = largest;
    for j in (k..peak).rev() {
        term *= (j + 1) as f64 / (m - j) as f64 / odds;
        sum += term;
    }
    sum.min(1.0)
}

/// `P(Bin(m, 1/2) >= k)`: the one-sided sign test, which is the exact McNemar test.
///
/// Up to `m = 50` every count and power of two is exact in f64, and so is the result: it may be
/// compared with a threshold at a tie.
pub fn sign_test_tail(k: usize, m: usize) -> f64 {
    if m > 50 {
        return upper_tail(k, m, 0.5);
    }
    let mut choose = 1.0;
    let mut favourable = 0.0;
    for j in 0..=m {
        if j >= k {
            favourable += choose;
        }
        choose = choose * (m - j) as f64 / (j + 1) as f64;
    }
    favourable / 2f64.powi(m as i32)
}

fn ln_term(j: usize, m: usize, p: f64) -> f64 {
    let (j, m) = (j as f64, m as f64);
    ln_gamma(m + 1.0) - ln_gamma(j + 1.0) - ln_gamma(m - j + 1.0) + j * p.ln() + (m - j) * (1.0 - p).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tails_are_exact_dyadic_fractions() {
        assert_eq!(sign_test_tail(5, 5), 0.03125);
        assert_eq!(sign_test_tail(7, 8), 0.03515625);
        assert_eq!(sign_test_tail(0, 0), 1.0);
        assert_eq!(sign_test_tail(3, 2), 0.0);
    }

    #[test]
    fn both_sums_agree_where_they_overlap() {
        for m in [1, 7, 20, 50] {
            for k in 0..=m {
                let (exact, general) = (sign_test_tail(k, m), upper_tail(k, m, 0.5));
                assert!((exact - general).abs() < 1e-13 * exact, "k={k} m={m}");
            }
        }
    }

    #[test]
    fn survives_sizes_where_two_to_the_minus_m_underflows() {
        let p = upper_tail(1500, 3000, 0.5);
        assert!((p - 0.507_282_8).abs() < 1e-6, "{p}");
        assert!(upper_tail(2900, 3000, 0.5) < 1e-300);
    }

    #[test]
    fn certain_and_impossible_events() {
        assert_eq!(upper_tail(3, 5, 0.0), 0.0);
        assert_eq!(upper_tail(3, 5, 1.0), 1.0);
        assert_eq!(upper_tail(6, 5, 1.0), 0.0);
        assert!((upper_tail(3, 5, 0.5) - 0.5).abs() < 1e-15);
    }
}
