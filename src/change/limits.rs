//! How a change moves the limits of single calls (`budget_per_call`).

use crate::per_call::{BudgetPerCall, Percentile, Quantity};

/// A limit that is set, removed or another one.
pub(super) struct MovedLimit {
    quantity: Quantity,
    percentile: Percentile,
    old: Option<f64>,
    new: Option<f64>,
}

/// The limits that differ, in order.
pub(super) fn moved(old: &BudgetPerCall, new: &BudgetPerCall) -> Vec<MovedLimit> {
    let all = Quantity::ALL
        .into_iter()
        .flat_map(|quantity| Percentile::ALL.map(|percentile| (quantity, percentile)));
    let both = all.map(|(quantity, percentile)| MovedLimit {
        quantity,
        percentile,
        old: old.get(quantity, percentile),
        new: new.get(quantity, percentile),
    });
    both.filter(|limit| limit.old != limit.new).collect()
}

impl MovedLimit {
    /// Its key within `budget_per_call`, and both values: `latency_ms.p95`: 2000 → none.
    pub fn words(&self, within: &str) -> String {
        let shown = |limit: Option<f64>| limit.map_or("none".to_owned(), |limit| limit.to_string());
        let (quantity, percentile) = (self.quantity.as_str(), self.percentile.as_str());
        format!("`{within}.{quantity}.{percentile}`: {} → {}", shown(self.old), shown(self.new))
    }

    /// Whether calls may now take or cost more.
    pub fn lowers_the_bar(&self) -> bool {
        self.old.is_some_and(|old| self.new.is_none_or(|new| new > old))
    }
}
