//! Statistics: slices and numbers in, numbers out. This module knows no case, prompt or verdict.
//!
//! | file | subject |
//! |---|---|
//! | `binomial` | tails of the binomial distribution |
//! | `quantile` | the measured quantile, and whether the true one is above a bound |
//! | `hypergeometric` | tail of the hypergeometric distribution (Fisher's exact test) |
//! | `sign_flip` | exact one-sided test that a mean difference is negative |
//! | `paired` | intervals for a paired difference: Bonett-Price, Student t |
//! | `agreement` | how well a judge agrees with people and with itself: rates, Cohen's kappa |
//! | `correction` | the truth behind a judge's rates: Rogan-Gladen, prediction-powered inference |
//! | `proportion` | intervals for one rate: Wilson |
//! | `net` | net change over confirmed cases |
//! | `evidence` | e-values of suspects, e-BH |
//! | `wager` | the bet on one fresh pair, and when to give up |
//! | `planning` | what a golden set of a given size can see |
//! | `beta` | the incomplete beta function, and Student's distribution by it |

pub mod agreement;
mod beta;
pub mod binomial;
pub mod correction;
pub mod evidence;
pub mod hypergeometric;
pub mod net;
pub mod paired;
pub mod planning;
pub mod proportion;
pub mod quantile;
pub mod sign_flip;
pub mod wager;

/// Two-sided 95 % quantile of the standard normal distribution.
pub const Z_TWO_SIDED_95: f64 = 1.959_963_984_540_054;
/// One-sided 95 % quantile of the standard normal distribution.
pub const Z_ONE_SIDED_95: f64 = 1.644_853_626_951_472_2;

/// A closed interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}
