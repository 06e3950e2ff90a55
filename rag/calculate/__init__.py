"""Arithmetic done by code: a question and the evidence found for it in, a worked result or the missing input out.

`calculate` is the door. `loans`, `savings`, `taxes` and `shares` are the formulas, on Decimal, knowing no text. `stated`
reads the figures of a question, `asked` says by `rules` which sum it asks for, `again` puts a follow-up into the sum of the
talk before, `inputs` finds what a question leaves out in the evidence;
the `for_…` files are the recipes: which inputs a sum takes and what its result says. Knows no model and no index.
"""
