"""The scripts that our pages run: the gate lets a browser run these and no others.

Each is the same for everybody, because it is known by its hash.
"""

# After a form was sent the page begins again at its top.
TO_THE_TOP = """<script>
document.querySelector('[data-testid="stMain"]').scrollTo(0, 0);
</script>"""

# A form that goes on by itself; where scripts fail, its button does.
ONWARD = """<script>
document.getElementById("onward").submit();
</script>"""

ALL = (TO_THE_TOP, ONWARD)
