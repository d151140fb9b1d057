package devices

import (
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/sms"

	"eulogin.example/idp/internal/web/browser"
)

// row is one device in the list.
type row struct {
	ID, Name, Number, System string
	Disabled                 bool
	Biometrics               bool // can stand for the PIN
	AddedAt, LastUsedAt      time.Time
}

type listPage struct {
	Devices []row
	Waiting []row
	Added   string // name of the device that was just initialised
	Deleted bool
	Single  bool // one device is one lost phone away from a lock-out
	Full    bool
	Max     int
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request, id account.ID) error {
	devices, waiting, err := h.Phone.Devices(r.Context(), id)
	if err != nil {
		return err
	}
	p := listPage{
		Deleted: r.URL.Query().Get("done") == "deleted",
		Full:    len(devices)+len(waiting) >= phone.MaxDevices, Max: phone.MaxDevices,
	}
	active := 0
	for _, d := range devices {
		p.Devices = append(p.Devices, rowOf(d))
		if d.ID == r.URL.Query().Get("added") && h.Now().Sub(d.AddedAt) < phone.EnrolFor {
			p.Added = d.Name
		}
		if d.Status == phone.Active {
			active++
		}
	}
	p.Single = active == 1
	for _, e := range waiting {
		p.Waiting = append(p.Waiting, waitingRow(e))
	}
	return h.Site.Render(w, r, http.StatusOK, "devices/list", p)
}

func rowOf(d phone.Device) row {
	return row{
		ID: d.ID, Name: d.Name, Number: masked(d.Number), System: d.System, Disabled: d.Status == phone.Disabled, Biometrics: d.Bio.On(),
		AddedAt: d.AddedAt, LastUsedAt: d.LastUsedAt,
	}
}

func waitingRow(e phone.Enrolment) row {
	return row{ID: e.ID, Name: e.Name, Number: masked(e.Number), Disabled: e.Dead(), AddedAt: e.CreatedAt}
}

func masked(number string) string {
	n, err := sms.Parse(number)
	if err != nil {
		return ""
	}
	return n.Masked()
}

type deletePage struct {
	row
	Waiting bool
	Last    bool // no second factor is left afterwards
}

func (h *Handler) askDelete(w http.ResponseWriter, r *http.Request, id account.ID) error {
	devices, waiting, err := h.Phone.Devices(r.Context(), id)
	if err != nil {
		return err
	}
	want, others := r.PathValue("id"), 0
	p := deletePage{}
	for _, d := range devices {
		if d.ID == want {
			p.row = rowOf(d)
		} else if d.Status == phone.Active {
			others++
		}
	}
	for _, e := range waiting {
		if e.ID == want {
			p.row, p.Waiting = waitingRow(e), true
		}
	}
	if p.ID == "" {
		return phone.ErrDeviceUnknown
	}
	p.Last = !p.Waiting && !p.Disabled && others == 0
	return h.Site.Render(w, r, http.StatusOK, "devices/delete", p)
}

// remove deletes; a device that is gone already, by a second click, is no error.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, id account.ID) error {
	err := h.Phone.Remove(r.Context(), id, r.PathValue("id"), h.Browser.Bares(r))
	if err != nil && !errors.Is(err, phone.ErrDeviceUnknown) && !errors.Is(err, phone.ErrCodeUnknown) {
		return err
	}
	return browser.To(w, r, "/account/devices?done=deleted")
}
