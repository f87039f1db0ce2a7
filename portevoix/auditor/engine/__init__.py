"""The auditor by itself: no Django, no database. Capture a site, know its receivers, judge, report.

``capture`` drives a browser and only records; ``knowledge`` reads lists that packages bring; ``rules`` are pure;
``report`` writes. A stored capture is judged again without any network.
"""
