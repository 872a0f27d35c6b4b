//! The standard normal distribution function.

use std::f64::consts::PI;

/// `P(Z <= x)`, by the series `1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...)`; absolute error about 1e-15.
pub(super) fn cdf(x: f64) -> f64 {
    if x.abs() > 8.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let mut term = x;
    let mut sum = x;
    let mut odd = 3.0;
    while term.abs() > 1e-18 {
        term *= x * x / odd;
        sum += term;
        odd += 2.0;
    }
    0.5 + sum * (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_quantiles() {
        assert!((cdf(crate::stats::Z_TWO_SIDED_95) - 0.975).abs() < 1e-14);
        assert!((cdf(-crate::stats::Z_ONE_SIDED_95) - 0.05).abs() < 1e-14);
        assert_eq!((cdf(-9.0), cdf(0.0), cdf(9.0)), (0.0, 0.5, 1.0));
    }
}
