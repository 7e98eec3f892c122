//! The three sketches of the language's first design, completed.

use super::good;

#[test]
fn overreaction() {
    let model = good(
        "institution overreaction \"Overreaction and immobility\"
         param arb : 0..3 = 2 // sanction not tied to rules, in units of the gain from doing right
         param freeze_is : Reading = immobility
         enum Reading { immobility, resistance }
         enum Signal { calm, push, rectify }
         enum Conduct { right, over, freeze }
         position Top, Local
         state signal : Signal = calm
         state conduct : Conduct = right
         state course : 0..1 = 0
         choice next_signal : Signal by Top
         choice act : Conduct by Local
           where (signal = rectify and arb > 1 implies act != right)
         rule send : signal' = next_signal
         rule do : conduct' = act
         define failing = conduct = over or (conduct = freeze and freeze_is = immobility)
         define course_change = course' != course
         rule turn when failing : course' = 1 - course
         sees Local : signal
         sees Top : conduct, course
         fair top_acts : infinitely often next_signal = rectify
         claim ovr_2 \"overreaction or immobility forces the top to change course\"
           wording \"forcing\"
           (conduct = over or conduct = freeze) leads to course_change
           expect proved when freeze_is = immobility
         claim always_wrong : always (signal = rectify and arb > 1 implies next conduct != right)
           expect proved",
    );
    assert_eq!(model.claims.len(), 2);
    assert!(model.params.iter().all(|p| !p.structural));
}

#[test]
fn chain() {
    let model = good(
        "institution chain_of_command \"Accountability in a line of n layers\"
         param n : 2..12 = 4
         chain Layer[n] // Layer[0] is the top
         state known[Layer] : bool = false
         state honest[Layer] : bool // rigid: no rule writes it
         env deviates : bool
         rule notice when deviates : known[n - 1]' = true
         rule pass_on for l in Layer when l != 0 and known[l] and honest[l] :
           known[superior(l)]' = true
         claim acc_1 \"immediate accountability reaches the top\"
           assume every_link_honest : all l in Layer : honest[l]
           always (deviates implies within n known[0])
           expect proved
         claim acc_0 : always (known[0] implies once (known[n - 1] or deviates))
         scenario reached : possible known[0]",
    );
    assert!(model.params[0].structural);
    assert_eq!(model.claims[0].assumes.len(), 1);
}

#[test]
fn governor() {
    let model = good(
        "institution governor \"Timelocked votes\"
         param quorum : 1..10 = 4
         param delay : 0..3 = 1
         param canceller_awake : bool = true
         param snapshot : bool = false
         position Attacker, Canceller
         enum Stage { none, voted, queued, executed, cancelled }
         state stage : Stage = none
         state wait : 0..delay = 0
         state held : 0..10 in 0..quorum - 1
         choice borrow : 0..10 by Attacker where borrow + held <= 10
         choice propose : bool by Attacker
         choice cancel : bool by Canceller when canceller_awake and stage = queued
         define power = if snapshot then held else held + borrow
         rule vote when propose and stage = none and power >= quorum : stage' = queued, wait' = delay
         rule tick_down when stage = queued and wait > 0 and not cancel : wait' = wait - 1
         rule execute when stage = queued and wait = 0 and not cancel : stage' = executed
         rule stop overrides execute when cancel : stage' = cancelled
         define hostile_executed = stage = executed
         claim dao_1 \"nothing hostile runs while the attacker holds less than a quorum\"
           never hostile_executed
           expect proved when delay > 0 and canceller_awake or snapshot",
    );
    let structural: Vec<&str> =
        model.params.iter().filter(|p| p.structural).map(|p| p.name.as_str()).collect();
    assert_eq!(structural, ["delay"]);
}
