from django.urls import path

from portevoix.rights.views import citizens

app_name = "rights"
urlpatterns = [path("preferences/<str:token>/", citizens.preferences, name="preferences")]
