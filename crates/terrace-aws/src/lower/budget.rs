//! What may be spent before somebody is told.

use super::Draft;
use crate::resource::{
    Budget, BudgetComparison, BudgetNotification, BudgetNotificationType, BudgetPeriod, BudgetThreshold,
    BudgetType, Topic,
};
use crate::{Arn, Blocks, Concern, Ref, Text};

/// Per cent of the budget: what is forecast early enough to act on, and what is spent.
const FORECAST: u32 = 80;
const SPENT: u32 = 100;

/// The longest name of a budget (AWS Budgets API, `Budget`).
const NAME: usize = 100;

/// Whether budgets send their messages to the topic, since there is no address to send them to.
pub(crate) const fn tells_the_topic(draft: &Draft<'_>) -> bool {
    draft.topology.budget.is_some() && draft.topology.alerts.is_none()
}

pub(crate) fn lower(draft: &mut Draft<'_>, topic: &Ref<Topic>) {
    let Some(budget) = draft.topology.budget else { return };
    let address = draft.topology.alerts.as_ref().map(|address| Text::from(address.as_str()));
    let topics = if address.is_none() { vec![topic.attribute::<Arn>()] } else { Vec::new() };
    let notification = |notification_type, threshold| BudgetNotification {
        notification_type,
        comparison_operator: BudgetComparison::Above,
        threshold,
        threshold_type: BudgetThreshold::Percentage,
        subscriber_email_addresses: address.iter().cloned().collect(),
        subscriber_sns_topic_arns: topics.clone(),
    };
    let (name, tags) = (draft.naming.of("", NAME), draft.name_tag(""));
    draft
        .place(Concern::Observability, &["main"])
        .why("Of the whole account. Costs can be told apart by the tag `terrace:system` only once somebody has")
        .why("activated it for cost allocation, and until then such a budget would never say a word.")
        .put(Budget {
            name: Text::from(name),
            budget_type: BudgetType::Cost,
            limit_amount: Text::from(budget.get().to_string()),
            limit_unit: Text::from("USD"),
            time_unit: BudgetPeriod::Monthly,
            notification: Blocks(vec![
                notification(BudgetNotificationType::Forecasted, FORECAST),
                notification(BudgetNotificationType::Actual, SPENT),
            ]),
            tags,
        });
}
