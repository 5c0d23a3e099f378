"""月度确认: a month's settlement, signing it, and opening it again."""

from lib.ui import frame, pieces, session, settlement, settlement_table, signing

viewer = session.guard("acceptance/settlement")
frame.header("月度确认")
months = settlement.months()
standing = settlement.chosen(months)
settlement.strip(months, standing)
signing.standing(viewer, standing)
month = settlement.shown(viewer, standing)
if month:
    with pieces.together():
        settlement.steps(month)
        settlement_table.glance(month)
    settlement_table.differences(month)
    with pieces.together():
        settlement_table.table(month)
        settlement_table.terms(month)
    signing.act(month)
settlement.history(viewer, standing)
